/**
 * How many connections a process may have to one server, and who has claimed them: the roles that are always open take
 * theirs, the exclusive pool grows into what is left.
 */

export class ConnectionBudget {
  private claimed = 0;
  private readonly listeners: (() => void)[] = [];

  /** @param ceiling connections of all roles together */
  constructor(readonly ceiling: number) {}

  /** What nobody has claimed; not below 0. */
  get left(): number {
    return Math.max(0, this.ceiling - this.claimed);
  }

  /** Takes connections out of the budget. Returns a function that gives them back; safe to call twice. */
  claim(connections: number): () => void {
    let held = connections;
    this.change(held);
    return () => {
      this.change(-held);
      held = 0;
    };
  }

  /** Calls `listener` whenever {@link left} may have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private change(by: number): void {
    if (by === 0) return;
    this.claimed += by;
    for (const listener of this.listeners) listener();
  }
}
