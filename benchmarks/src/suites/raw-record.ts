/**
 * The least that a durable run needs of Postgres: create, claim, append, finish, each one statement and one commit.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';

const TABLES = `
CREATE TABLE bench_run (id uuid PRIMARY KEY, status text NOT NULL, attempt int NOT NULL, seq int NOT NULL DEFAULT 0);
CREATE TABLE bench_event (run_id uuid, seq int, data text NOT NULL, PRIMARY KEY (run_id, seq));`;

const CREATE = {
  name: 'create',
  text: `INSERT INTO bench_run (id, status, attempt) VALUES ($1, 'pending', 0)`,
};
const CLAIM = {
  name: 'claim',
  text: `UPDATE bench_run SET status = 'running', attempt = attempt + 1 WHERE id = $1 AND status = 'pending'`,
};
/** $1 run, $2 number of the first event, $3 data of the events. */
const APPEND = {
  name: 'append',
  text: `
WITH held AS (SELECT id FROM bench_run WHERE id = $1 AND attempt = 1 AND status = 'running' FOR SHARE)
INSERT INTO bench_event (run_id, seq, data)
SELECT held.id, $2 + (added.place - 1)::int, added.data
FROM held, unnest($3::text[]) WITH ORDINALITY AS added (data, place)`,
};
const FINISH = {
  name: 'finish',
  text: `UPDATE bench_run SET status = 'success' WHERE id = $1 AND attempt = 1 AND status = 'running'`,
};

const DATA = JSON.stringify({ token: 1, at: 123_456_789.123 });

export class RawRecord {
  readonly #longRun = randomUUID();
  #seq = 0;

  private constructor(private readonly pool: pg.Pool) {}

  static async create(pool: pg.Pool): Promise<RawRecord> {
    await pool.query(TABLES);
    const record = new RawRecord(pool);
    await pool.query(CREATE, [record.#longRun]);
    await pool.query(CLAIM, [record.#longRun]);
    return record;
  }

  /** Adds events to one run, which is locked meanwhile. */
  async append(count: number): Promise<void> {
    const first = this.#seq;
    this.#seq += count;
    await this.pool.query(APPEND, [this.#longRun, first, Array.from({ length: count }, () => DATA)]);
  }

  /** A whole run with two events. */
  async run(): Promise<void> {
    const id = randomUUID();
    await this.pool.query(CREATE, [id]);
    await this.pool.query(CLAIM, [id]);
    await this.pool.query(APPEND, [id, 0, [DATA, DATA]]);
    await this.pool.query(FINISH, [id]);
  }
}
