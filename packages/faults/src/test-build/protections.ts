/**
 * The protections of which a scenario can be run without: what a test build changes in the built files. A change that does not find its
 * text is an error, so none goes stale unnoticed.
 */

export interface Removal {
  /** End of the file's path. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

export const PROTECTIONS = {
  fence: [
    {
      file: 'runs/dist/run-event-log/append-events.sql.js',
      text: 'SELECT run.run_id, run.attempt FROM run',
      replacement: 'SELECT run.run_id, mine.attempt FROM run',
    },
    {
      file: 'runs/dist/run-event-log/append-events.sql.js',
      text: 'WHERE ${guardSql(RUN_TRANSITIONS.write, HELD)}',
      replacement: '',
    },
    {
      file: 'runs/dist/run-store/sql/fence.sql.js',
      text: "AND ${guardSql(RUN_TRANSITIONS.write, { arguments: { attempt: '$2' } })}",
      replacement: 'AND $2 = $2',
    },
    {
      file: 'runs/dist/execution/run-executor.js',
      text: 'void attempt.checkHeld()',
      replacement: 'undefined',
    },
  ],
  'heartbeat thread': [
    {
      file: 'runs/dist/liveness/heartbeat.thread.js',
      text: 'await renew();',
      replacement: 'if (sharedNow() - (times[LOOP_TURNED_AT] ?? 0) < 2_000) await renew();',
    },
  ],
  isolation: [
    {
      file: 'runner/dist/isolation/isolating-engine.js',
      text: 'args.run.isSuspect',
      replacement: 'false',
    },
  ],
  reconcile: [
    {
      file: 'runs/dist/sweep/sweeper.js',
      text: 'await this.#reconcile();',
      replacement: ';',
    },
  ],
  release: [
    {
      file: 'runs/dist/execution/run-executor.js',
      text: "attempt.end('released')",
      replacement: 'undefined',
    },
  ],
  'answer deadline': [
    {
      file: 'api/dist/runtime.js',
      text: 'const ANSWER_TIMEOUT_MS = 8_000;',
      replacement: 'const ANSWER_TIMEOUT_MS = 60_000;',
    },
  ],
  'patience with Postgres': [
    {
      file: 'graphs/dist/checkpoint/postgres-faults.js',
      text: 'if (!isTransientPostgresError(error))',
      replacement: 'if (true)',
    },
  ],
  'cancel by the api': [
    {
      file: 'api/dist/workers/run-cancellation.js',
      text: 'setTimeout(() => void this.#endIfUnacknowledged(run), CANCEL_UNACKNOWLEDGED_MS);',
      replacement: '',
    },
  ],
  'lock of the run': [
    {
      file: 'runs/dist/run-store/rescue-runs.js',
      text: 'if (!run || !isAllowed(RUN_TRANSITIONS.write, { row: run, arguments: { attempt } }))',
      replacement: 'if (!run)',
    },
  ],
  'commit look-up': [
    {
      file: 'runs/dist/run-store/create-run.js',
      text: 'const row = await untilKnown(() => findCommitted(context.pool, inputs), deadline, error);',
      replacement: 'const row = undefined;',
    },
  ],
  backpressure: [
    {
      file: 'api/dist/http/sse-response.js',
      text: 'if (!this.#raw.write(chunk))',
      replacement: 'if (!this.#raw.write(chunk) && false)',
    },
  ],
  'log on a gap': [
    {
      file: 'runs/dist/run-event-log/run-event-reader.js',
      text: 'event.seq > expected || ',
      replacement: '',
    },
    {
      file: 'runs/dist/run-event-log/run-event-hub.js',
      text: 'this.#bus.onGap(() => this.#pokeAll())',
      replacement: '() => undefined',
    },
  ],
  replay: [
    {
      file: 'runs/dist/run-event-log/run-event-reader.js',
      text: 'this.#mustRead = options.mustRead ?? true;',
      replacement: 'this.#mustRead = false;',
    },
    {
      file: 'runs/dist/run-event-log/run-event-reader.js',
      text: 'event.seq > expected || ',
      replacement: '',
    },
  ],
  'clock of Postgres': [
    {
      file: 'runs/dist/run-store/transitions/to-sql.js',
      text: "return 'now()';",
      replacement: 'return `to_timestamp(${Date.now() / 1_000})`;',
    },
  ],
  'claim of waiting runs alone': [
    {
      file: 'runs/dist/run-store/transitions/run-transitions.js',
      text: "claim: transition({\n        from: ['pending'],",
      replacement: "claim: transition({\n        from: ['pending', 'success'],",
    },
  ],
  'runs from Postgres': [
    {
      file: 'runs/dist/run-queue/postgres-run-source.js',
      text: 'await store.findWaiting(graphIds, room)',
      replacement: '[]',
    },
  ],
  rescue: [
    {
      file: 'runs/dist/sweep/sweeper.js',
      text: 'await this.#rescue(verdicts);',
      replacement: '',
    },
  ],
} as const satisfies Record<string, readonly Removal[]>;

export type Protection = keyof typeof PROTECTIONS;
