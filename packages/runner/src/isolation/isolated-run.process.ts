/**
 * A process that executes suspect runs for a worker, one after another: a graph that kills, blocks or fills it harms
 * nobody else. The worker keeps all that decides about the run: log, liveness, status; checkpoints and store items are written
 * from here, under the same fence.
 */
import { Worker } from 'node:worker_threads';
import { isLongrunError, LongrunError } from '@longrun/contracts';
import { createPool } from '@longrun/database';
import { AttemptDrained, loadGraphs } from '@longrun/graphs';
import type { ClaimedRun } from '@longrun/runs';
import { createLogger, loadConfig, startTracing, TelemetryConfig } from '@longrun/service-kit';
import { inTraceOf, traceIdOf, withLogIds } from '@longrun/telemetry';
import { LangGraphEngine } from '../graph-engine.js';
import { failRunsOnUnhandledRejection } from '../unhandled-rejections.js';
import {
  EVENT_WINDOW,
  type FromIsolated,
  type IsolationSettings,
  type ToIsolated,
} from './isolation-messages.js';

/** Checkpoints and store items of one run at a time. */
const POOL_SIZE = 3;

const config = loadConfig(TelemetryConfig);
/** To the output of the worker. */
const log = createLogger('worker', config).child({ isolated: true });
/** Before the graphs, which may set variables. */
const tracing = startTracing('worker', config, log);

/** The engine, as soon as the graphs are loaded. */
let engine: Promise<LangGraphEngine> | undefined;
let controller = new AbortController();
let underWay = 0;
const waitingWrites: (() => void)[] = [];
let roomMade: (() => void) | undefined;

function send(message: FromIsolated): void {
  process.send?.(message);
}

async function start({ configPath, databaseUrl }: IsolationSettings): Promise<LangGraphEngine> {
  await tracing;
  const registry = await loadGraphs(configPath);
  const pool = createPool({ url: databaseUrl, poolSize: POOL_SIZE, applicationName: 'longrun-isolated' });
  return new LangGraphEngine(registry, pool);
}

async function execute(run: ClaimedRun, cancelGraceMs: number, signal: AbortSignal): Promise<void> {
  let hasProgress = false;
  try {
    if (!engine) throw new LongrunError('INTERNAL', 'The process was not started.');
    const events = (await engine).attempt(
      {
        run,
        signal,
        cancelGraceMs,
        beforeWrite: askToWrite,
        onProgress: () => {
          hasProgress = true;
          send({ type: 'progress' });
        },
      },
      { shouldDrain: () => hasProgress },
    );
    for (;;) {
      const item = await events.next();
      if (item.done) {
        const { status, error, thread } = item.value;
        send({ type: 'executed', executed: { status, thread, ...(error ? { error } : {}) } });
        return;
      }
      send({ type: 'event', event: item.value });
      underWay += 1;
      if (underWay >= EVENT_WINDOW) await new Promise<void>((resolve) => (roomMade = resolve));
    }
  } catch (error) {
    if (signal.aborted) await tellThread(run);
    else if (error instanceof AttemptDrained) send({ type: 'drained' });
    else send({ type: 'failed', error: wireErrorOf(error), code: isLongrunError(error) ? error.code : null });
  }
}

/** As part of the attempt, which the worker has begun. */
async function executeTraced(message: Extract<ToIsolated, { type: 'execute' }>): Promise<void> {
  const { run, cancelGraceMs, traceparent } = message;
  const { runId, threadId, attempt } = run;
  const ids = { runId, threadId, attempt, traceId: traceIdOf(traceparent ?? run.traceparent) };
  // Before any wait: the end may be asked for at once.
  const { signal } = (controller = new AbortController());
  const { flush } = await tracing;
  await inTraceOf(traceparent, () => withLogIds(ids, () => execute(run, cancelGraceMs, signal)));
  // It may be killed as soon as nobody needs it.
  await flush();
}

async function tellThread(run: ClaimedRun): Promise<void> {
  const thread = engine ? await (await engine).readThread(run).catch(() => null) : null;
  send({ type: 'ended', thread });
}

function askToWrite(): Promise<void> {
  send({ type: 'may-write?' });
  return new Promise((resolve) => waitingWrites.push(resolve));
}

function wireErrorOf(error: unknown): { error: string; message: string } {
  return error instanceof Error
    ? { error: error.name, message: error.message }
    : { error: 'Error', message: String(error) };
}

process.on('message', (message: ToIsolated) => {
  if (message.type === 'start') {
    engine = start(message.settings);
    // Told by the first run.
    engine.catch(() => undefined);
  } else if (message.type === 'execute') void executeTraced(message);
  else if (message.type === 'may-write') waitingWrites.shift()?.();
  else if (message.type === 'taken') {
    underWay -= message.count;
    roomMade?.();
  } else controller.abort(new Error('The attempt was ended by its worker.'));
});

// A signal to the whole group (Ctrl-C) is for the worker, which decides what becomes of the run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
failRunsOnUnhandledRejection(log);
// In a thread of its own: a graph that blocks this loop must not outlive its worker.
new Worker(new URL('./lifeline.thread.js', import.meta.url), { execArgv: [] }).unref();
