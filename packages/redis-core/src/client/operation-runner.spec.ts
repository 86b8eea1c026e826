/**
 * The policies around one operation, on a channel that answers when the test says so.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { CommandChannel, CommandSink } from '../connections/command-channel.js';
import { CircuitBreaker } from '../policies/circuit-breaker.js';
import { RetryBudget } from '../policies/retry-budget.js';
import { Semaphore } from '../policies/semaphore.js';
import { RedisError } from '../redis-error.js';
import type { OperationOptions } from './operation-options.js';
import { OperationRunner } from './operation-runner.js';
import { OperationStats } from './operation-stats.js';
import { ServiceGate } from './service-gate.js';

/** For operations that are to reach their deadline. */
const LIMIT_MS = 60;
/** For those that are not, however slow the machine is. */
const FAR_MS = 20_000;

/** A channel whose answers the test gives. */
class ManualChannel {
  isReady = true;
  readonly epoch = 1;
  readonly sent: { name: string; sink: CommandSink }[] = [];
  private awaited: (() => void)[] = [];

  dispatch(name: string, _args: readonly unknown[], sink: CommandSink): void {
    if (!this.isReady) {
      sink.onFailure(new RedisError('not-executed', 'NOT_CONNECTED', 'no connection'));
      return;
    }
    this.sent.push({ name, sink });
    for (const notify of this.awaited.splice(0)) notify();
  }

  /** Resolves with the command when it has been sent. */
  async next(index: number): Promise<CommandSink> {
    while (this.sent.length <= index) await new Promise<void>((resolve) => this.awaited.push(resolve));
    return (this.sent[index] as { sink: CommandSink }).sink;
  }
}

const lost = new RedisError('unknown', 'CONNECTION_LOST', 'lost');
const wrongType = new RedisError('definitive', 'WRONGTYPE', 'wrong type');
const tryAgain = new RedisError('not-executed', 'TRYAGAIN', 'try again');

const asItIs = (reply: unknown): unknown => reply;

let channel: ManualChannel;
let breaker: CircuitBreaker;
let permits: Semaphore;
let gate: ServiceGate;
let stats: OperationStats;
let runner: OperationRunner;

function setUp(permitCount = 2, operationTimeoutMs = LIMIT_MS): void {
  channel = new ManualChannel();
  breaker = new CircuitBreaker({ minimumCalls: 2, failureRate: 1, openMs: 60_000, maxOpenMs: 60_000 });
  permits = new Semaphore({ permits: permitCount, maxWaiting: 10 });
  stats = new OperationStats();
  gate = new ServiceGate(channel as unknown as CommandChannel, breaker);
  runner = new OperationRunner({
    channel: channel as unknown as CommandChannel,
    breaker,
    permits,
    budget: new RetryBudget(),
    gate,
    stats,
    limits: {
      operationTimeoutMs,
      attempts: 3,
      criticalAttempts: 3,
      retryBaseDelayMs: 1,
      retryMaxDelayMs: 2,
    },
  });
  breaker.on('state', () => {
    gate.update();
  });
}

function run(idempotent: boolean, options: OperationOptions = {}): Promise<unknown> {
  return runner.run('GET', ['key'], idempotent, options, asItIs);
}

async function failureOf(operation: Promise<unknown>): Promise<RedisError> {
  const result = await operation.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (!(result instanceof RedisError)) throw new Error(`expected a RedisError, got ${String(result)}`);
  return result;
}

beforeEach(() => {
  setUp();
});

afterEach(() => {
  runner.close();
  gate.close();
  permits.close();
  breaker.close();
});

describe.each([
  ['on the direct way', {}],
  ['on the long way', { timeoutMs: LIMIT_MS }],
])('an operation %s', (_way, options: OperationOptions) => {
  it('hands the answer over and gives everything back', async () => {
    const operation = run(true, options);
    (await channel.next(0)).onReply('value');
    expect(await operation).toBe('value');
    expect([permits.inUse, stats.inFlight]).toEqual([0, 0]);
    expect(stats.latency.count).toBe(1);
  });

  it('ends at its deadline as unknown, and keeps its permit until the server has answered', async () => {
    const failure = await failureOf(run(true, options));
    expect(failure).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect([permits.inUse, stats.inFlight]).toEqual([1, 1]);
    (await channel.next(0)).onReply('too late');
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect([permits.inUse, stats.inFlight]).toEqual([0, 0]);
  });

  it('ends at its deadline as not executed while it waits for a permit, and is then not sent', async () => {
    setUp(1);
    permits.tryAcquire();
    const failure = await failureOf(run(true, options));
    expect(failure.outcome).toBe('not-executed');
    permits.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(channel.sent).toHaveLength(0);
    expect(permits.inUse).toBe(0);
  });

  it('is repeated after an unknown outcome when it is idempotent', async () => {
    const operation = run(true, options);
    (await channel.next(0)).onFailure(lost);
    (await channel.next(1)).onReply('value');
    expect(await operation).toBe('value');
    expect(stats.retries).toBe(1);
    expect([permits.inUse, stats.inFlight]).toEqual([0, 0]);
  });

  it('is not repeated after an unknown outcome when it is not idempotent', async () => {
    const operation = run(false, options);
    (await channel.next(0)).onFailure(lost);
    expect(await failureOf(operation)).toBe(lost);
    expect(channel.sent).toHaveLength(1);
    expect(permits.inUse).toBe(0);
  });

  it('is repeated when it was not executed, whatever it is, and as often as it may be', async () => {
    const operation = run(false, options);
    for (const index of [0, 1, 2]) (await channel.next(index)).onFailure(tryAgain);
    expect(await failureOf(operation)).toBe(tryAgain);
    expect(channel.sent).toHaveLength(3);
    expect(permits.inUse).toBe(0);
  });

  it('is not repeated after a definitive refusal, which is no sign of illness', async () => {
    for (let i = 0; i < 5; i += 1) {
      const operation = run(true, options);
      (await channel.next(i)).onFailure(wrongType);
      expect(await failureOf(operation)).toBe(wrongType);
    }
    expect(breaker.state.kind).toBe('closed');
  });

  it('of low priority is tried once, and counted when it is dropped', async () => {
    const operation = run(true, { ...options, priority: 'low' });
    (await channel.next(0)).onFailure(lost);
    expect(await failureOf(operation)).toBe(lost);
    expect(stats.droppedLow).toBe(1);
  });

  it('is refused at once while the circuit is open', async () => {
    breaker.isolate('test');
    const failure = await failureOf(run(true, options));
    expect(failure.code).toBe('CIRCUIT_ISOLATED');
    expect(channel.sent).toHaveLength(0);
  });

  it('waits for the connection within its deadline', async () => {
    setUp(2, FAR_MS);
    channel.isReady = false;
    const operation = run(false, options.timeoutMs === undefined ? options : { timeoutMs: FAR_MS });
    // Longer than all pauses between its tries together: only who waits for the connection is still there.
    await new Promise((resolve) => setTimeout(resolve, 20));
    channel.isReady = true;
    gate.update();
    (await channel.next(0)).onReply('value');
    expect(await operation).toBe('value');
  });
});

describe('the losses of one connection', () => {
  it('do not open the circuit by their number: whoever watches the connection reports the incident', async () => {
    setUp(10);
    const operations = Array.from({ length: 10 }, () => run(false));
    for (let i = 0; i < 10; i += 1) (await channel.next(i)).onFailure(lost);
    await Promise.allSettled(operations);
    expect(breaker.state.kind).toBe('closed');
  });
});

describe('silence', () => {
  it('opens the circuit', async () => {
    const failures = await Promise.all([failureOf(run(false)), failureOf(run(false))]);
    expect(failures.map(({ code }) => code)).toEqual(['TIMEOUT', 'TIMEOUT']);
    expect(breaker.state.kind).toBe('open');
    expect((await failureOf(run(false))).code).toBe('CIRCUIT_OPEN');
    // What was in flight when it opened says nothing about the server as it is now.
    (await channel.next(0)).onReply('late');
    expect(breaker.state.kind).toBe('open');
  });
});

describe('a critical operation', () => {
  it('waits through an open circuit, within its deadline', async () => {
    setUp(5);
    for (const operation of [run(false), run(false)]) await failureOf(operation);
    expect(breaker.state.kind).toBe('open');
    const sentBefore = channel.sent.length;
    const operation = run(false, { priority: 'critical', timeoutMs: 5_000 });
    breaker.reset();
    (await channel.next(sentBefore)).onReply('value');
    expect(await operation).toBe('value');
  });

  it('goes before those that wait already', async () => {
    setUp(1);
    const first = run(true);
    const normal = run(true);
    const critical = runner.run('CRITICAL', [], true, { priority: 'critical' }, asItIs);
    (await channel.next(0)).onReply('1');
    const second = await channel.next(1);
    expect(channel.sent.map(({ name }) => name)).toEqual(['GET', 'CRITICAL']);
    second.onReply('2');
    (await channel.next(2)).onReply('3');
    expect(await Promise.all([first, normal, critical])).toEqual(['1', '3', '2']);
  });
});

describe('a try that got no answer in time', () => {
  it('is over for a caller with a longer deadline too, and keeps its permit until the server has answered', async () => {
    const failure = await failureOf(run(false, { timeoutMs: 50 * LIMIT_MS }));
    expect(failure).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(permits.inUse).toBe(1);
    (await channel.next(0)).onFailure(lost);
    expect(permits.inUse).toBe(0);
  });
});

describe('a caller that gives up', () => {
  it('is answered at once, and what was sent keeps its permit', async () => {
    const controller = new AbortController();
    const operation = run(true, { signal: controller.signal });
    const sink = await channel.next(0);
    controller.abort();
    expect(await failureOf(operation)).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    expect(permits.inUse).toBe(1);
    sink.onFailure(lost);
    await new Promise((resolve) => setImmediate(resolve));
    expect(permits.inUse).toBe(0);
    // Nobody wants the answer: it is not tried again.
    expect(channel.sent).toHaveLength(1);
  });

  it('leaves the queue alone, and nobody else does', async () => {
    setUp(1);
    const first = run(true);
    const controller = new AbortController();
    const leaving = run(true, { signal: controller.signal });
    const staying = run(true);
    controller.abort();
    expect(await failureOf(leaving)).toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
    (await channel.next(0)).onReply('first');
    (await channel.next(1)).onReply('staying');
    expect(await Promise.all([first, staying])).toEqual(['first', 'staying']);
    expect(channel.sent).toHaveLength(2);
  });

  it('is told before anything is sent when it had given up already, or names no deadline that makes sense', async () => {
    expect(await failureOf(run(true, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORTED',
      outcome: 'not-executed',
    });
    await expect(run(true, { timeoutMs: 0 })).rejects.toThrow(TypeError);
    await expect(run(true, { timeoutMs: NaN })).rejects.toThrow(/timeoutMs is NaN/);
    expect(channel.sent).toHaveLength(0);
    expect(permits.inUse).toBe(0);
  });
});
