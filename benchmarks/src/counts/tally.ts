/**
 * Sums of what sessions did, by process class, by what it was for, and by statement.
 */
import type { CountedTransaction, Statement } from './session-counter.js';

/**
 * `checkpoint`: a transaction that is about LangGraph's checkpoints alone, with the BEGIN, the fence and the COMMIT around it. In one
 * that also changes a run, its thread or its log, only the statements on checkpoints themselves are.
 */
export type Purpose = 'run' | 'checkpoint';

/** Sums for one process class and one purpose. */
export interface Totals {
  statements: number;
  roundTrips: number;
  transactions: number;
  /** Transactions that write or lock, by their text: each is a commit record that has to reach the disk. */
  commits: number;
}

/** Keys are `<class> <purpose>`, for statements with ` <label>` behind; values may be fractions once idle time is taken off. */
export interface Tally {
  readonly totals: ReadonlyMap<string, Totals>;
  readonly statements: ReadonlyMap<string, number>;
}

const CHECKPOINTS = /\bcheckpoint(s|_writes|_blobs|_migrations)\b/i;
const RUNS = /\b(update|insert\s+into|delete\s+from)\s+"?(run|run_event|thread)"?\s/i;
const WRITES =
  /\b(insert|update|delete|merge|truncate|notify|pg_notify)\b|\bfor\s+(no\s+key\s+|key\s+)?(update|share)\b/i;
const LABEL_LENGTH = 72;

/** Collects transactions. */
export class TallyCounter {
  #totals = new Map<string, Totals>();
  #statements = new Map<string, number>();

  add({ applicationName, statements, roundTrips }: CountedTransaction): void {
    if (statements.length === 0) return;
    const owner = classOf(applicationName);
    const isAboutRuns = statements.some(({ sql }) => RUNS.test(sql));
    const isCheckpoint = !isAboutRuns && statements.some(({ sql }) => CHECKPOINTS.test(sql));
    const totals = this.#totalsOf(owner, isCheckpoint ? 'checkpoint' : 'run');
    totals.roundTrips += roundTrips;
    totals.transactions += 1;
    totals.commits += statements.some(({ sql }) => WRITES.test(sql)) ? 1 : 0;
    for (const statement of statements) {
      const { sql } = statement;
      const purpose = isCheckpoint || (CHECKPOINTS.test(sql) && !RUNS.test(sql)) ? 'checkpoint' : 'run';
      this.#totalsOf(owner, purpose).statements += 1;
      const label = `${owner} ${purpose} ${labelOf(statement)}`;
      this.#statements.set(label, (this.#statements.get(label) ?? 0) + 1);
    }
  }

  /** What was counted since the last time. */
  take(): Tally {
    const taken = { totals: this.#totals, statements: this.#statements };
    this.#totals = new Map();
    this.#statements = new Map();
    return taken;
  }

  #totalsOf(owner: string, purpose: Purpose): Totals {
    const key = `${owner} ${purpose}`;
    const totals = this.#totals.get(key) ?? { statements: 0, roundTrips: 0, transactions: 0, commits: 0 };
    this.#totals.set(key, totals);
    return totals;
  }
}

/** `tally` without what an idle system does in the same time, divided by `runs`. */
export function perRun(tally: Tally, idle: Tally, share: number, runs: number): Tally {
  const less = (counted: number, inIdle: number | undefined): number =>
    (counted - (inIdle ?? 0) * share) / runs;
  const totals = [...tally.totals].map(([key, counted]): [string, Totals] => {
    const base = idle.totals.get(key);
    return [
      key,
      {
        statements: less(counted.statements, base?.statements),
        roundTrips: less(counted.roundTrips, base?.roundTrips),
        transactions: less(counted.transactions, base?.transactions),
        commits: less(counted.commits, base?.commits),
      },
    ];
  });
  const statements = [...tally.statements].map(([label, count]): [string, number] => [
    label,
    less(count, idle.statements.get(label)),
  ]);
  return { totals: new Map(totals), statements: new Map(statements) };
}

/** Sums over all processes for one purpose. */
export function totalFor(tally: Tally, purpose: Purpose): Totals {
  const sum: Totals = { statements: 0, roundTrips: 0, transactions: 0, commits: 0 };
  for (const [key, totals] of tally.totals) {
    if (!key.endsWith(` ${purpose}`)) continue;
    sum.statements += totals.statements;
    sum.roundTrips += totals.roundTrips;
    sum.transactions += totals.transactions;
    sum.commits += totals.commits;
  }
  return sum;
}

/** Which process a session belongs to, by its `application_name`. */
export function classOf(applicationName: string): string {
  const name = applicationName.replace(/^longrun-?/, '');
  if (name === 'api' || name === 'sweeper') return name;
  return ['worker', 'log', 'heartbeat', 'runs', 'isolated', 'blocked-loop'].includes(name)
    ? 'worker'
    : 'other';
}

/** The name of a prepared statement, or the beginning of its text. */
function labelOf({ name, sql }: Statement): string {
  const text = sql.replace(/--.*$/gm, ' ').replace(/\s+/g, ' ').trim().slice(0, LABEL_LENGTH);
  return name === '' ? text : `[${name}] ${text}`;
}
