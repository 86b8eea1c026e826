/**
 * The table of transitions has two readers, Postgres and the simulation. Here both get the same random rows, and have to make the
 * same of them. `TRANSITIONS_SEED` repeats a run of it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { APPEND_EVENTS } from '../src/run-event-log/append-events.sql.js';
import { finishLocked } from '../src/run-store/finish-run.js';
import { CLAIM_RUN } from '../src/run-store/sql/claim-run.sql.js';
import {
  DISPATCH_DUE_RUNS,
  FIND_DUE_RUNS,
  type DispatchedRunRow,
  type DueRunRow,
} from '../src/run-store/sql/dispatch-due-runs.sql.js';
import { FENCE } from '../src/run-store/sql/fence.sql.js';
import { INSERT_RUN, INSERT_RUN_ALONE } from '../src/run-store/sql/insert-run.sql.js';
import { DISPATCH_LIMITED_RUNS, WAIT_FOR_LIMIT } from '../src/run-store/sql/limits.sql.js';
import { MARK_CANCEL } from '../src/run-store/sql/mark-cancel.sql.js';
import { RELEASE_RUN, RETRY_RUN } from '../src/run-store/sql/release-run.sql.js';
import { RESCUE_RUN } from '../src/run-store/sql/rescue-run.sql.js';
import { RESET_CRASHES } from '../src/run-store/sql/reset-crashes.sql.js';
import { isBlocked, isBlockedBy } from '../src/run-store/transitions/blocked.js';
import { assignments, isAllowed } from '../src/run-store/transitions/evaluate.js';
import type { RunColumns, TransitionArguments } from '../src/run-store/transitions/expression.js';
import { RUN_TRANSITIONS, type RunTransition } from '../src/run-store/transitions/run-transitions.js';
import { assignmentsSql, guardSql, valueSql } from '../src/run-store/transitions/to-sql.js';
import { LOOK, type LookRow } from '../src/sweep/look.sql.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';
import {
  insertRuns,
  randomArguments,
  randomFrom,
  randomRuns,
  readRuns,
  type RandomRun,
} from './random-runs.js';

const SEED = Number(process.env['TRANSITIONS_SEED'] ?? 1);
const ROWS = 3_000;
/** Rows for which the product's own statement is called one by one. */
const CALLS = 250;

/** Table `given` of the arguments by run. */
const GIVEN = `jsonb_to_recordset($1::jsonb) AS given(run_id uuid, attempt int, worker uuid, status run_status, waits boolean,
  seconds float8, charge int, "crashLimit" int, action text, reason text)`;
const NAMES = {
  row: 'run',
  arguments: {
    attempt: 'given.attempt',
    worker: 'given.worker',
    status: 'given.status',
    waits: 'given.waits',
    seconds: 'given.seconds',
    charge: 'given.charge',
    crashLimit: 'given."crashLimit"',
    action: 'given.action',
    reason: 'given.reason',
  },
};

interface Case {
  run: RandomRun;
  given: TransitionArguments;
}

describe('the table of transitions', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  /** Random rows and their arguments in a transaction that is rolled back: `now()` stands still in it. */
  async function withCases(
    count: number,
    work: (client: pg.PoolClient, cases: Case[]) => Promise<void>,
    options: { limits?: Record<string, number>; given?: Partial<TransitionArguments> } = {},
  ): Promise<void> {
    const random = randomFrom(SEED);
    const runs = randomRuns(random, count);
    const cases = runs.map((run) => ({ run, given: { ...randomArguments(random, run), ...options.given } }));
    const client = await fixture.pool.connect();
    try {
      await client.query('BEGIN');
      await insertRuns(client, fixture.assistantId, runs, options.limits);
      await work(client, cases);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  const scopeOf = ({ run, given }: Case) => ({ row: run, arguments: given, now: 0 });
  const mayHappen = (name: RunTransition, one: Case): boolean =>
    isAllowed(RUN_TRANSITIONS[name], scopeOf(one));
  const after = (name: RunTransition, one: Case): RandomRun =>
    mayHappen(name, one)
      ? { ...one.run, ...assignments(RUN_TRANSITIONS[name], scopeOf(one)) }
      : { ...one.run };

  /** Both outcomes must have been seen, or the comparison says little. */
  function expectBoth(name: RunTransition, cases: Case[]): void {
    const allowed = cases.filter((one) => mayHappen(name, one)).length;
    expect([allowed > 0, allowed < cases.length]).toEqual([true, true]);
  }

  const changing = (Object.keys(RUN_TRANSITIONS) as RunTransition[]).filter(
    (name) => name !== 'create' && name !== 'write',
  );

  it.each(changing)('says the same of %s in Postgres and in memory', (name) =>
    withCases(ROWS, async (client, cases) => {
      const rule = RUN_TRANSITIONS[name];
      await client.query(
        `UPDATE run SET ${assignmentsSql(rule, NAMES)} FROM ${GIVEN} WHERE run.run_id = given.run_id AND ${guardSql(rule, NAMES)}`,
        [JSON.stringify(cases.map(({ run, given }) => ({ run_id: run.run_id, ...given })))],
      );
      const rows = await readRuns(
        client,
        cases.map(({ run }) => run),
      );
      expectBoth(name, cases);
      expect(rows).toEqual(cases.map((one) => after(name, one)));
    }),
  );

  it('says the same of a new row in Postgres and in memory', () =>
    withCases(ROWS, async (client, cases) => {
      const { due_at, dispatch, dispatched_at } = RUN_TRANSITIONS.create.set;
      const offset = (sql: string) => `(extract(epoch FROM ${sql} - now()) * 1000)::float8`;
      const { rows } = await client.query<Partial<RunColumns>>(
        `SELECT 'pending' AS status, ${offset(valueSql(due_at, NAMES))} AS due_at, ${valueSql(dispatch, NAMES)} AS dispatch,
           ${offset(`(${valueSql(dispatched_at, NAMES)})`)} AS dispatched_at FROM ${GIVEN}`,
        [JSON.stringify(cases.map(({ given }) => given))],
      );
      expect(rows).toEqual(cases.map((one) => assignments(RUN_TRANSITIONS.create, scopeOf(one))));
    }));

  it('says the same in Postgres and in memory of which run has to wait for which', async () => {
    const runs = randomRuns(randomFrom(SEED), ROWS, 4);
    const client = await fixture.pool.connect();
    try {
      await client.query('BEGIN');
      await insertRuns(client, fixture.assistantId, runs);
      const { rows } = await client.query<{ run_id: string }>(
        `SELECT run_id FROM run AS mine WHERE ${isBlocked('mine')}`,
      );
      const threads = new Map<string, RandomRun[]>();
      for (const run of runs) threads.set(run.thread_id, [...(threads.get(run.thread_id) ?? []), run]);
      const blocked = runs.filter((run) =>
        threads.get(run.thread_id)?.some((other) => isBlockedBy(run, other, 0)),
      );
      expect(blocked.length).toBeGreaterThan(ROWS / 10);
      expect(rows.map((row) => row.run_id).sort()).toEqual(blocked.map((run) => run.run_id).sort());
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  describe('is what the statements do', () => {
    /** By transition, a statement for one run. */
    const statements: [RunTransition, string, (one: Case) => unknown[]][] = [
      ['claim', CLAIM_RUN, ({ run, given }) => [run.run_id, given.worker, GRAPHS]],
      ['progress', RESET_CRASHES, ({ run, given }) => [run.run_id, given.attempt]],
      ['release', RELEASE_RUN, ({ run, given }) => [run.run_id, given.attempt]],
      ['retry', RETRY_RUN, ({ run, given }) => [run.run_id, given.attempt, given.seconds]],
      [
        'rescue',
        RESCUE_RUN,
        ({ run, given }) => [run.run_id, given.attempt, given.charge, given.crashLimit, false],
      ],
      ['cancel', MARK_CANCEL, ({ run, given }) => [[run.run_id], given.action, given.reason]],
    ];

    it.each(statements)('of %s', (name, text, values) =>
      withCases(CALLS, async (client, cases) => {
        for (const one of cases) await client.query(text, values(one));
        const rows = await readRuns(
          client,
          cases.map(({ run }) => run),
        );
        expectBoth(name, cases);
        expect(rows).toEqual(cases.map((one) => after(name, one)));
      }),
    );

    it('of redispatch, over all runs at once', () =>
      withCases(
        ROWS,
        async (client, cases) => {
          const due = await client.query<DueRunRow>(FIND_DUE_RUNS, [2, ROWS]);
          const { rows: all } = await client.query<{ run_id: string }>('SELECT run_id FROM run');
          const dispatched = await client.query<DispatchedRunRow>(DISPATCH_DUE_RUNS, [2, idsOf(all)]);
          // What is found to be due is what is dispatched.
          expect(idsOf(due.rows).sort()).toEqual(idsOf(dispatched.rows).sort());
          const rows = await readRuns(
            client,
            cases.map(({ run }) => run),
          );
          expect(rows).toEqual(cases.map((one) => after('redispatch', one)));
        },
        { given: { seconds: 2 } },
      ));

    it('of dispatch and holdBack, for runs with limits', () =>
      withCases(
        CALLS,
        async (client, cases) => {
          await client.query(DISPATCH_LIMITED_RUNS, [null, null, ROWS]);
          const runs = cases.map(({ run }) => run);
          const dispatched = cases.map((one) =>
            one.run.dispatched_at === null ? after('dispatch', one) : one.run,
          );
          expect(await readRuns(client, runs)).toEqual(dispatched);
          for (const run of runs) await client.query(WAIT_FOR_LIMIT, [run.run_id]);
          const held = cases.map(({ given }, i) => after('holdBack', { run: dispatched[i]!, given }));
          expect(await readRuns(client, runs)).toEqual(held);
        },
        { limits: { key: 1_000_000 } },
      ));

    it.each([
      ['lost', {}],
      ['limited', { key: 1_000_000 }],
    ])('of whether a look has to dispatch %s runs', (_name, limits: Record<string, number>) =>
      withCases(0, async (client) => {
        const told: boolean[] = [];
        const found: boolean[] = [];
        for (const run of randomRuns(randomFrom(SEED), CALLS)) {
          await client.query('SAVEPOINT one');
          await insertRuns(client, fixture.assistantId, [run], limits);
          const { rows } = await client.query<LookRow>(LOOK, [2]);
          told.push(rows[0]!.runs_due);
          const lost = await client.query(FIND_DUE_RUNS, [2, ROWS]);
          const limited = await client.query(DISPATCH_LIMITED_RUNS, [null, null, ROWS]);
          found.push(lost.rows.length + limited.rows.length > 0);
          await client.query('ROLLBACK TO SAVEPOINT one');
        }
        expect(told).toEqual(found);
        expect([...new Set(found)].sort()).toEqual([false, true]);
      }),
    );

    it('of write: the fence, and the append of events', () =>
      withCases(CALLS, async (client, cases) => {
        const held = cases.filter((one) => mayHappen('write', one)).map(({ run }) => run.run_id);
        expectBoth('write', cases);
        const fenced: string[] = [];
        for (const { run, given } of cases) {
          const { rowCount } = await client.query(FENCE, [run.run_id, given.attempt]);
          if (rowCount === 1) fenced.push(run.run_id);
        }
        expect(fenced).toEqual(held);
        const ids = cases.map(({ run }) => run.run_id);
        const texts = ids.map(() => 'x');
        const attempts = cases.map(({ given }) => given.attempt);
        const { rows } = await client.query<{ run_id: string }>(APPEND_EVENTS, [
          ids,
          attempts,
          ids,
          attempts,
          ids.map(() => 0),
          texts,
          texts,
        ]);
        expect(rows.map((row) => row.run_id)).toEqual([...held].sort());
        const log = await client.query<{ run_id: string }>('SELECT run_id FROM run_event ORDER BY run_id');
        expect(log.rows.map((row) => row.run_id)).toEqual([...held].sort());
      }));

    it('of finish', () =>
      withCases(
        CALLS,
        async (client, cases) => {
          for (const one of cases.filter((each) => mayHappen('finish', each))) {
            const { run, given } = one;
            const cancelReason = given.reason ?? undefined;
            await finishLocked(client, 120, {
              runId: run.run_id,
              threadId: run.thread_id,
              end: { status: given.status as 'success' },
              ...(cancelReason === undefined ? {} : { cancelReason }),
            });
          }
          const rows = await readRuns(
            client,
            cases.map(({ run }) => run),
          );
          expect(rows).toEqual(cases.map((one) => after('finish', one)));
        },
        { given: { attempt: null } },
      ));

    it('of create', () =>
      withCases(CALLS, async (client, cases) => {
        const made: RandomRun[] = [];
        for (const { given, run } of cases) {
          const fresh = { ...run, run_id: randomUUID(), thread_id: randomUUID() };
          await client.query('INSERT INTO thread (thread_id) VALUES ($1)', [fresh.thread_id]);
          const { assistantId } = fixture;
          const json = '{}';
          const values = [
            ...[fresh.run_id, fresh.thread_id, assistantId, 'graph', 'enqueue', json, json, 0],
            ...[given.seconds, json, json, null, json, null, null],
          ];
          // One after the other in both forms.
          if (made.length % 2 === 0) await client.query(INSERT_RUN, values);
          else await client.query(INSERT_RUN_ALONE, [...values, [json], [json], false, false, json]);
          made.push(fresh);
        }
        const rows = await readRuns(client, made);
        const expected = cases.map(({ run, given }) => {
          const one = { run, given: { ...given, waits: given.seconds > 0 } };
          return assignments(RUN_TRANSITIONS.create, scopeOf(one));
        });
        rows.forEach((row, i) => expect(row).toMatchObject({ attempt: 0, crashes: 0, ...expected[i] }));
      }));
  });
});

function idsOf(rows: readonly { run_id: string }[]): string[] {
  return rows.map((row) => row.run_id);
}
