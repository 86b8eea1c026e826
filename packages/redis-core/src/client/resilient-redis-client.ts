/**
 * The client: every command under deadline, circuit breaker, permit, retry and timeout; deferred writes; and the state of it
 * all at a glance. The connections below it are {@link ResilientRedisClient.kit}.
 */
import { createRedisKit } from '../redis-kit.js';
import type { RedisKit } from '../redis-kit.js';
import { CircuitBreaker } from '../policies/circuit-breaker.js';
import { RetryBudget } from '../policies/retry-budget.js';
import { Semaphore } from '../policies/semaphore.js';
import type { RedisArgument } from '../connections/command-channel.js';
import type { ServerReport } from '../connections/server-check.js';
import { RedisError } from '../redis-error.js';
import { scriptHash } from '../scripts/redis-script.js';
import type { RedisScript } from '../scripts/redis-script.js';
import { CONNECT_TIMEOUT_MS, OPERATION_TIMEOUT_MS, resolvePolicySettings } from './client-settings.js';
import type { PolicySettings, ResilientRedisSettings } from './client-settings.js';
import type { ConnectionInfo } from './connection-info.js';
import type { ReplyDecoder } from './direct-call.js';
import { DeferredWriter } from './deferred-writer.js';
import type { StoreOptions, StoreResult } from './deferred-writer.js';
import type { OperationOptions } from './operation-options.js';
import { OperationRunner } from './operation-runner.js';
import { OperationStats } from './operation-stats.js';
import { runPipeline } from './pipeline.js';
import type { PipelineOptions, PipelineResult } from './pipeline.js';
import { probeWhenHalfOpen } from './recovery-probe.js';
import { entriesByStream } from './replies.js';
import type { StreamEntry } from './replies.js';
import { scanKeys } from './scan.js';
import type { PageReader, ScanOptions } from './scan.js';
import { ServerWatch } from './server-watch.js';
import { ServiceGate } from './service-gate.js';
import { OperationTracer } from './tracing.js';
import { TypedCommands } from './typed-commands.js';

/** A command and its arguments. */
export type Command = readonly [name: string, ...args: RedisArgument[]];

/** Options of {@link ResilientRedisClient.xread}. */
export interface XreadOptions {
  /** Entries per stream at most. */
  readonly count?: number;
  /** Wait this long for an entry, milliseconds, on a connection of its own. Without it the answer is immediate. */
  readonly blockMs?: number;
  readonly signal?: AbortSignal;
}

/** Options of {@link ResilientRedisClient.eval}. */
export interface EvalOptions extends OperationOptions {
  readonly keys?: readonly string[];
  readonly args?: readonly RedisArgument[];
}

const NO_OPTIONS: OperationOptions = {};

function asItIs(reply: unknown): unknown {
  return reply;
}

export class ResilientRedisClient extends TypedCommands {
  /** The connections: subscriber, exclusive pool, BullMQ's; and the command connection without any policy. */
  readonly kit: RedisKit;
  readonly breaker: CircuitBreaker;
  readonly permits: Semaphore;
  readonly stats = new OperationStats();
  private readonly settings: PolicySettings & { readonly operationTimeoutMs: number };
  private readonly gate: ServiceGate;
  private readonly runner: OperationRunner;
  private readonly deferred: DeferredWriter;
  private readonly watch: ServerWatch;
  private readonly tracer: OperationTracer | undefined;
  private readonly disposers: (() => void)[] = [];
  private closing: Promise<void> | undefined;

  /**
   * Opens nothing before {@link init}.
   *
   * @throws TypeError when a setting is not valid; the message names it
   */
  constructor(options: ResilientRedisSettings) {
    super();
    const operationTimeoutMs = options.operationTimeoutMs ?? OPERATION_TIMEOUT_MS;
    const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.settings = { ...resolvePolicySettings(options), operationTimeoutMs };
    this.kit = createRedisKit({ ...options, operationTimeoutMs, connectTimeoutMs });
    this.breaker = new CircuitBreaker({ probeTimeoutMs: operationTimeoutMs, ...this.settings.breaker });
    this.permits = new Semaphore({
      permits: this.kit.settings.maxConcurrentOps,
      maxWaiting: this.settings.maxWaitingOps,
    });
    const channel = this.kit.command;
    this.gate = new ServiceGate(channel, this.breaker);
    this.runner = new OperationRunner({
      channel,
      breaker: this.breaker,
      permits: this.permits,
      budget: new RetryBudget(),
      gate: this.gate,
      stats: this.stats,
      limits: this.settings,
    });
    this.deferred = new DeferredWriter(this.settings, this.gate, this.stats);
    this.watch = new ServerWatch(channel, this.settings.healthCheckIntervalMs);
    this.tracer = this.settings.tracing ? new OperationTracer(this.kit.settings.displayUrl) : undefined;
    this.follow();
  }

  /** True while operations are served. */
  get available(): boolean {
    return this.gate.isOpen;
  }

  /**
   * Connects, and checks that the server is one to work with.
   *
   * @returns what could not be checked, as sentences
   * @throws RedisServerError when there is no server (the client goes on trying all the same), or one that is too old, a
   *   replica, may evict keys, or allows too few connections; the message has the remedy
   */
  async init(): Promise<ServerReport> {
    this.watch.start();
    await this.kit.connect();
    return this.kit.checkServer();
  }

  /** Ends everything: what is pending is rejected, deferred work is dropped and says so. Safe to call twice. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  /** Round trip of a PING under all policies, milliseconds. */
  async getLatency(options?: OperationOptions): Promise<number> {
    const startedAt = performance.now();
    await this.ping(options);
    return performance.now() - startedAt;
  }

  /** The state of everything. Costs no traffic. */
  connectionInfo(): ConnectionInfo {
    const { kit, permits, stats } = this;
    const exclusive = kit.exclusive.info;
    return {
      available: this.available,
      epoch: kit.command.epoch,
      connections: {
        open: kit.stats.open,
        created: kit.stats.created,
        ceiling: kit.settings.maxConnections,
        exclusiveInUse: exclusive.inUse,
        exclusiveIdle: exclusive.idle,
        exclusiveWaiting: exclusive.waiting,
      },
      permits: { limit: permits.permits, inUse: permits.inUse, waiting: permits.waiting },
      breaker: this.breaker.state,
      recovery: this.deferred.queue.info,
      latency: {
        lastMs: stats.latency.lastMs,
        p50Ms: stats.latency.quantileMs(0.5),
        p99Ms: stats.latency.quantileMs(0.99),
      },
      server: this.watch.state,
    };
  }

  /**
   * Any command. Not idempotent unless the options say so. Blocking commands and transactions have no place here: they
   * would hold up everybody; see {@link RedisKit.exclusive}.
   *
   * @returns the reply as ioredis hands it over
   */
  execute(command: Command, options?: OperationOptions): Promise<unknown> {
    const [name, ...args] = command;
    return this.command(name, args, false, options, asItIs);
  }

  /** PUBLISH, or SPUBLISH in a cluster. How many subscribers got it (in a cluster: on that shard). Not idempotent. */
  publish(channel: string, message: string, options?: OperationOptions): Promise<number> {
    return this.command(this.kit.publishCommand, [channel, message], false, options, Number);
  }

  /** EVAL of a script's text. Not idempotent unless the options say so. For scripts of a program see {@link runScript}. */
  eval(lua: string, options: EvalOptions = {}): Promise<unknown> {
    const { keys = [], args = [] } = options;
    return this.command('EVAL', [lua, keys.length, ...keys, ...args], false, options, asItIs);
  }

  /**
   * Executes a script by its hash, and by its text when the server does not know it. The second call is safe: a server that
   * does not know a script has executed nothing. Not idempotent unless the options say so.
   */
  async runScript(
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options?: OperationOptions,
  ): Promise<unknown> {
    if (keys.length !== script.numberOfKeys) {
      const expected = `${String(script.numberOfKeys)} keys, got ${String(keys.length)}`;
      throw new TypeError(`Script ${script.name} takes ${expected}.`);
    }
    try {
      const call = [scriptHash(script), keys.length, ...keys, ...args];
      return await this.command('EVALSHA', call, false, options, asItIs);
    } catch (error) {
      if (!(error instanceof RedisError) || error.code !== 'NOSCRIPT') throw error;
      return this.command('EVAL', [script.lua, keys.length, ...keys, ...args], false, options, asItIs);
    }
  }

  /**
   * XREAD: entries after the given ids (`$` for what comes from now on), by stream.
   *
   * @throws RedisError as everywhere; with `blockMs` also when no connection of the exclusive pool is to be had
   */
  async xread(
    streams: Readonly<Record<string, string>>,
    options: XreadOptions = {},
  ): Promise<Map<string, StreamEntry[]>> {
    const { count, blockMs, signal } = options;
    const keys = Object.keys(streams);
    const window = count === undefined ? [] : ['COUNT', count];
    const tail = ['STREAMS', ...keys, ...Object.values(streams)];
    const bounds = signal === undefined ? {} : { signal };
    if (blockMs === undefined) {
      return this.command('XREAD', [...window, ...tail], true, bounds, entriesByStream);
    }
    if (!this.available) await this.gate.pass(this.immediately('XREAD', signal));
    const useLimitMs = blockMs + this.settings.operationTimeoutMs;
    const [key] = keys;
    return this.kit.exclusive.use(
      async (connection) =>
        entriesByStream(await connection.call('XREAD', ...window, 'BLOCK', Math.max(1, blockMs), ...tail)),
      { useLimitMs, ...bounds, ...(key === undefined ? {} : { key }) },
    );
  }

  /** SCAN, a page at a time: keys may come more than once, as Redis says. In a cluster all masters, one after the other. */
  scan(options: ScanOptions = {}): AsyncIterableIterator<string> {
    const readers = this.kit.masters().map((channel): PageReader => {
      const runner = new OperationRunner({ ...this.runner.parts, channel });
      return (args, bounds) => runner.run('SCAN', args, true, bounds, asItIs);
    });
    return scanKeys(readers, options);
  }

  /**
   * Sends many commands in chunks (`batchSize`), each chunk in one packet and under one permit.
   *
   * @returns one result per command, in their order: a command that fails does not fail the others
   */
  pipeline(commands: readonly Command[], options: PipelineOptions = {}): Promise<PipelineResult[]> {
    const chunkSize = options.chunkSize ?? this.settings.batchSize;
    return runPipeline(this.runner, commands, { ...options, chunkSize });
  }

  /**
   * Does a write now if Redis is there, and else according to its priority: `critical` in line, `high` and `normal` when
   * Redis is back, `low` not at all. Deferred work is in memory: what must outlive the process belongs in a database.
   *
   * @param key writes of one key are done in the order of their calls
   * @param write does it, with commands of this client; may be called more than once
   * @throws RangeError for attempts below 1; else what `write` throws that no repetition can mend
   */
  storeWithRetry<T>(
    key: string,
    write: (signal: AbortSignal) => Promise<T>,
    options?: StoreOptions,
  ): Promise<StoreResult<T>> {
    return this.deferred.store(key, write, options);
  }

  protected override command<T>(
    name: string,
    args: readonly RedisArgument[],
    idempotentByDefault: boolean,
    options: OperationOptions = NO_OPTIONS,
    decode: ReplyDecoder<T>,
  ): Promise<T> {
    const idempotent = options.idempotent ?? idempotentByDefault;
    if (this.tracer === undefined) return this.runner.run(name, args, idempotent, options, decode);
    return this.tracer.trace(name, () => this.runner.run(name, args, idempotent, options, decode));
  }

  /** What the connections tell goes to the circuit, and what both say decides who is served. */
  private follow(): void {
    const { kit, breaker, gate, deferred } = this;
    const update = (): void => {
      gate.update();
      if (gate.isOpen) deferred.queue.start();
      else deferred.queue.stop();
    };
    this.disposers.push(
      probeWhenHalfOpen(kit.command, breaker),
      breaker.on('state', update),
      kit.on('available', () => {
        breaker.connected();
        update();
        void this.watch.look();
      }),
      kit.on('unavailable', (reason) => {
        breaker.incident(reason);
        update();
      }),
      kit.on('connect-failed', (reason) => {
        breaker.connectFailed(reason);
      }),
    );
  }

  private immediately(name: string, signal: AbortSignal | undefined) {
    const remainingMs = this.settings.operationTimeoutMs;
    return { name, remainingMs, throughOpenCircuit: false, signal };
  }

  private async closeAll(): Promise<void> {
    for (const dispose of this.disposers) dispose();
    this.watch.stop();
    this.gate.close();
    this.permits.close();
    this.breaker.close();
    await this.deferred.queue.close();
    await this.kit.close();
    this.runner.close();
  }
}
