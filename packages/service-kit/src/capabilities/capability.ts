/**
 * What a process may lose for a while and go on without: the names, and what each loss means. One table for log lines, gauges,
 * `/ready` and `docs/operations.md`.
 */

/** Value of the label `capability`, and name in `missing` of `/ready`. */
export type CapabilityName = 'postgres' | 'redis' | 'push' | 'queue' | 'limits' | 'sweeper';

export interface CapabilityMeaning {
  /** Subject of the log lines. */
  readonly title: string;
  /** What users see while it is away. */
  readonly meanwhile: string;
  /** While this one is away, its own line says it all. */
  readonly basis?: CapabilityName;
  /** A shorter loss is shown by the gauge, but is no log line; milliseconds. Default 0. */
  readonly patienceMs?: number;
}

/** The second listener needs a moment longer than the commands when Redis is back. */
const PUSH_PATIENCE_MS = 3_000;
/** After a pause of Postgres a sweeper needs a look to be seen again. */
const SWEEPER_PATIENCE_MS = 5_000;

export const CAPABILITIES: Readonly<Record<CapabilityName, CapabilityMeaning>> = {
  postgres: {
    title: 'Postgres',
    meanwhile: 'requests are answered with 503, and runs wait with what they have to write; nothing is lost',
  },
  redis: {
    title: 'Redis',
    meanwhile:
      'streams follow the log in Postgres, and new runs are fetched from Postgres; both come up to a second later',
  },
  push: {
    title: 'The push of events',
    meanwhile: 'streams follow the log in Postgres, up to a second later; so do cancels',
    basis: 'redis',
    patienceMs: PUSH_PATIENCE_MS,
  },
  queue: {
    title: 'The queue',
    meanwhile: 'new runs are fetched from Postgres and start up to a second later',
    basis: 'redis',
  },
  limits: {
    title: 'The common count of requests',
    meanwhile: 'each api counts the requests and runs of a caller by itself',
    basis: 'redis',
  },
  sweeper: {
    title: 'The sweeper',
    meanwhile: 'workers rescue runs, fire crons and deliver webhooks themselves until there is one',
    basis: 'postgres',
    patienceMs: SWEEPER_PATIENCE_MS,
  },
};
