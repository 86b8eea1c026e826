/**
 * From one at a time to all at once, in equal steps.
 */

/** How many may run at the same time since a start. */
export class Ramp {
  private startedAt: number | undefined;

  constructor(
    private readonly final: number,
    private readonly durationMs: number,
  ) {}

  get isStarted(): boolean {
    return this.startedAt !== undefined;
  }

  start(now: number): void {
    this.startedAt = now;
  }

  stop(): void {
    this.startedAt = undefined;
  }

  /** 0 before the start. */
  allowed(now: number): number {
    if (this.startedAt === undefined) return 0;
    const elapsed = now - this.startedAt;
    if (elapsed >= this.durationMs) return this.final;
    return 1 + Math.max(0, Math.floor(((this.final - 1) * elapsed) / this.durationMs));
  }

  /** When one more will be allowed; Infinity when that is not to come. */
  nextStepAt(now: number): number {
    const allowed = this.allowed(now);
    if (this.startedAt === undefined || allowed >= this.final) return Infinity;
    return this.startedAt + (this.durationMs * allowed) / (this.final - 1);
  }
}
