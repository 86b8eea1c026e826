/**
 * How many connections there are, have been, and could not be: counted where connections are opened.
 */
import { classifyConnectFailure } from './connect-failure.js';
import type { ConnectFailure } from './connect-failure.js';

/** What a connection is for; part of its name on the server. */
export type ConnectionRole =
  'command' | 'subscriber' | 'exclusive' | 'sentinel' | 'topology' | 'bullmq-producer' | 'bullmq-consumer';

/** The counts of one role. All but `open` only grow. */
export interface RoleStats {
  /** Open now. */
  readonly open: number;
  /** Opened so far. */
  readonly opened: number;
  /** Attempts so far, successful or not. */
  readonly attempts: number;
  /** Attempts that failed, by reason. */
  readonly failures: Readonly<Partial<Record<ConnectFailure, number>>>;
  /** Ended by something else than us. */
  readonly lost: number;
}

interface Counts extends RoleStats {
  open: number;
  opened: number;
  attempts: number;
  readonly failures: Partial<Record<ConnectFailure, number>>;
  lost: number;
}

/** Counts of every role; reading costs a loop over a few numbers. */
export class ConnectionStats {
  private readonly counts = new Map<ConnectionRole, Counts>();

  /** The roles that have tried to connect. */
  get roles(): Readonly<Partial<Record<ConnectionRole, RoleStats>>> {
    return Object.fromEntries(this.counts);
  }

  /** Connections open now. */
  get open(): number {
    return this.sum(({ open }) => open);
  }

  /** Connections opened so far. */
  get created(): number {
    return this.sum(({ opened }) => opened);
  }

  /** Failed attempts so far, of all roles, by reason. */
  get connectFailures(): Readonly<Partial<Record<ConnectFailure, number>>> {
    const sums: Partial<Record<ConnectFailure, number>> = {};
    for (const { failures } of this.counts.values()) {
      for (const [kind, count] of Object.entries(failures) as [ConnectFailure, number][]) {
        sums[kind] = (sums[kind] ?? 0) + count;
      }
    }
    return sums;
  }

  /** Connections that ended by something else than us, by role. */
  get lost(): Readonly<Partial<Record<ConnectionRole, number>>> {
    return Object.fromEntries([...this.counts].map(([role, { lost }]) => [role, lost]));
  }

  attempted(role: ConnectionRole): void {
    this.of(role).attempts += 1;
  }

  failed(role: ConnectionRole, reason: string): void {
    const { failures } = this.of(role);
    const kind = classifyConnectFailure(reason);
    failures[kind] = (failures[kind] ?? 0) + 1;
  }

  opened(role: ConnectionRole): void {
    const counts = this.of(role);
    counts.open += 1;
    counts.opened += 1;
  }

  ended(role: ConnectionRole, byUs: boolean): void {
    const counts = this.of(role);
    counts.open -= 1;
    if (!byUs) counts.lost += 1;
  }

  private of(role: ConnectionRole): Counts {
    let counts = this.counts.get(role);
    if (counts === undefined) {
      counts = { open: 0, opened: 0, attempts: 0, failures: {}, lost: 0 };
      this.counts.set(role, counts);
    }
    return counts;
  }

  private sum(of: (counts: Counts) => number): number {
    let sum = 0;
    for (const counts of this.counts.values()) sum += of(counts);
    return sum;
  }
}
