/**
 * The commands that have a method of their own: names, arguments and replies with types, and for each whether it may be
 * repeated when nobody knows what became of it.
 */
import type { RedisArgument } from '../connections/command-channel.js';
import type { ReplyDecoder } from './direct-call.js';
import type { OperationOptions } from './operation-options.js';
import { record, scoredMembers, streamEntries, textOrNull, texts } from './replies.js';
import type { ScoredMember, StreamEntry } from './replies.js';

/** Options of {@link TypedCommands.set}. At most one of `ex` and `px`, at most one of `nx` and `xx`. */
export interface SetOptions extends OperationOptions {
  /** Time to live, seconds. */
  readonly ex?: number;
  /** Time to live, milliseconds. */
  readonly px?: number;
  /** Only if the key does not exist. */
  readonly nx?: boolean;
  /** Only if the key exists. */
  readonly xx?: boolean;
}

/** Options of {@link TypedCommands.zadd}. */
export interface ZaddOptions extends OperationOptions {
  /** Only new members. */
  readonly nx?: boolean;
  /** Only members that exist. */
  readonly xx?: boolean;
  /** Only scores that become greater. */
  readonly gt?: boolean;
  /** Only scores that become less. */
  readonly lt?: boolean;
  /** Count what was changed, not only what was added. */
  readonly ch?: boolean;
}

/** Options of the reads of a sorted set. */
export interface ZrangeOptions extends OperationOptions {
  /** From the highest score down. */
  readonly rev?: boolean;
}

/** Options of {@link TypedCommands.zrangeByScore}. */
export interface ZrangeByScoreOptions extends OperationOptions {
  readonly limit?: { readonly offset: number; readonly count: number };
}

/** Options of {@link TypedCommands.xadd}. */
export interface XaddOptions extends OperationOptions {
  /** Entries the stream keeps, about (`MAXLEN ~`). */
  readonly maxLength?: number;
  /** Do not make the stream if it does not exist; the answer is then null. */
  readonly noMkStream?: boolean;
}

/** Options of the reads of a stream. */
export interface XrangeOptions extends OperationOptions {
  /** Entries at most. */
  readonly count?: number;
}

/** An end of a range of scores: a number, or text like `(5` or `-inf`. */
export type ScoreBound = number | string;

export abstract class TypedCommands {
  /**
   * Executes one command under all policies.
   *
   * @param idempotent what counts when the options do not say
   */
  protected abstract command<T>(
    name: string,
    args: readonly RedisArgument[],
    idempotent: boolean,
    options: OperationOptions | undefined,
    decode: ReplyDecoder<T>,
  ): Promise<T>;

  /** PING. Answers `PONG`. Idempotent. */
  ping(options?: OperationOptions): Promise<string> {
    return this.command('PING', [], true, options, String);
  }

  /** GET. Idempotent. */
  get(key: string, options?: OperationOptions): Promise<string | null> {
    return this.command('GET', [key], true, options, textOrNull);
  }

  /** SET. False when `nx` or `xx` kept it from being set. Idempotent, but not with `nx` or `xx`. */
  set(key: string, value: RedisArgument, options?: SetOptions): Promise<boolean> {
    const contradiction = contradictionOf(options);
    if (contradiction !== undefined) return Promise.reject(new TypeError(contradiction));
    const isConditional = options?.nx === true || options?.xx === true;
    return this.command('SET', setArguments(key, value, options), !isConditional, options, isDone);
  }

  /** SET with GET: sets, and answers what was there before. Not idempotent: the second try would answer the new value. */
  setGet(key: string, value: RedisArgument, options?: SetOptions): Promise<string | null> {
    const contradiction = contradictionOf(options);
    if (contradiction !== undefined) return Promise.reject(new TypeError(contradiction));
    return this.command('SET', [...setArguments(key, value, options), 'GET'], false, options, textOrNull);
  }

  /** DEL. How many existed; after a repetition that may be less than what was deleted. Idempotent. */
  del(keys: string | readonly string[], options?: OperationOptions): Promise<number> {
    return this.command('DEL', list(keys), true, options, Number);
  }

  /** EXISTS. How many of the keys exist. Idempotent. */
  exists(keys: string | readonly string[], options?: OperationOptions): Promise<number> {
    return this.command('EXISTS', list(keys), true, options, Number);
  }

  /** EXPIRE. False when the key does not exist. Idempotent: the time counts from the last try. */
  expire(key: string, seconds: number, options?: OperationOptions): Promise<boolean> {
    return this.command('EXPIRE', [key, seconds], true, options, isOne);
  }

  /** PEXPIRE. False when the key does not exist. Idempotent: the time counts from the last try. */
  pexpire(key: string, milliseconds: number, options?: OperationOptions): Promise<boolean> {
    return this.command('PEXPIRE', [key, milliseconds], true, options, isOne);
  }

  /** TTL in seconds; -1 for a key without one, -2 for no key. Idempotent. */
  ttl(key: string, options?: OperationOptions): Promise<number> {
    return this.command('TTL', [key], true, options, Number);
  }

  /** INCR, or INCRBY with `by`. The new value. Not idempotent. */
  incr(key: string, options?: OperationOptions & { readonly by?: number }): Promise<number> {
    const by = options?.by ?? 1;
    if (by === 1) return this.command('INCR', [key], false, options, Number);
    return this.command('INCRBY', [key, by], false, options, Number);
  }

  /** HSET of one field. True when the field is new. Idempotent. */
  hset(key: string, field: string, value: RedisArgument, options?: OperationOptions): Promise<boolean> {
    return this.command('HSET', [key, field, value], true, options, isOne);
  }

  /** HSET of many fields. How many are new. Idempotent. */
  hsetMap(
    key: string,
    fields: Readonly<Record<string, RedisArgument>>,
    options?: OperationOptions,
  ): Promise<number> {
    return this.command('HSET', [key, ...Object.entries(fields).flat()], true, options, Number);
  }

  /** HGET. Idempotent. */
  hget(key: string, field: string, options?: OperationOptions): Promise<string | null> {
    return this.command('HGET', [key, field], true, options, textOrNull);
  }

  /** HGETALL. An object without a prototype, empty when the key does not exist. Idempotent. */
  hgetall(key: string, options?: OperationOptions): Promise<Record<string, string>> {
    return this.command('HGETALL', [key], true, options, record);
  }

  /** HDEL. How many existed. Idempotent. */
  hdel(key: string, fields: string | readonly string[], options?: OperationOptions): Promise<number> {
    return this.command('HDEL', [key, ...list(fields)], true, options, Number);
  }

  /** ZADD. How many are new, or with `ch` changed. Idempotent. */
  zadd(key: string, members: readonly ScoredMember[], options?: ZaddOptions): Promise<number> {
    const flags = (['nx', 'xx', 'gt', 'lt', 'ch'] as const).filter((flag) => options?.[flag] === true);
    const pairs = members.flatMap(({ member, score }) => [scoreText(score), member]);
    const args = [key, ...flags.map((flag) => flag.toUpperCase()), ...pairs];
    return this.command('ZADD', args, true, options, Number);
  }

  /** ZRANGE by rank: from `start` to `stop`, both included, negative ones from the end. Idempotent. */
  zrange(key: string, start: number, stop: number, options?: ZrangeOptions): Promise<string[]> {
    const args = [key, start, stop, ...(options?.rev === true ? ['REV'] : [])];
    return this.command('ZRANGE', args, true, options, texts);
  }

  /** ZRANGE by rank, with the scores. Idempotent. */
  zrangeWithScores(
    key: string,
    start: number,
    stop: number,
    options?: ZrangeOptions,
  ): Promise<ScoredMember[]> {
    const args = [key, start, stop, ...(options?.rev === true ? ['REV'] : []), 'WITHSCORES'];
    return this.command('ZRANGE', args, true, options, scoredMembers);
  }

  /** ZRANGEBYSCORE. Idempotent. */
  zrangeByScore(
    key: string,
    min: ScoreBound,
    max: ScoreBound,
    options?: ZrangeByScoreOptions,
  ): Promise<string[]> {
    const { limit } = options ?? {};
    const window = limit === undefined ? [] : ['LIMIT', limit.offset, limit.count];
    const args = [key, boundText(min), boundText(max), ...window];
    return this.command('ZRANGEBYSCORE', args, true, options, texts);
  }

  /** ZREM. How many were removed. Idempotent. */
  zrem(key: string, members: string | readonly string[], options?: OperationOptions): Promise<number> {
    return this.command('ZREM', [key, ...list(members)], true, options, Number);
  }

  /** ZCARD. Idempotent. */
  zcard(key: string, options?: OperationOptions): Promise<number> {
    return this.command('ZCARD', [key], true, options, Number);
  }

  /** LPUSH. The new length. Not idempotent. */
  lpush(
    key: string,
    values: RedisArgument | readonly RedisArgument[],
    options?: OperationOptions,
  ): Promise<number> {
    return this.command('LPUSH', [key, ...list(values)], false, options, Number);
  }

  /** RPUSH. The new length. Not idempotent. */
  rpush(
    key: string,
    values: RedisArgument | readonly RedisArgument[],
    options?: OperationOptions,
  ): Promise<number> {
    return this.command('RPUSH', [key, ...list(values)], false, options, Number);
  }

  /** LRANGE. Idempotent. */
  lrange(key: string, start: number, stop: number, options?: OperationOptions): Promise<string[]> {
    return this.command('LRANGE', [key, start, stop], true, options, texts);
  }

  /** LTRIM. Not idempotent: cutting off the first entry twice removes two. */
  ltrim(key: string, start: number, stop: number, options?: OperationOptions): Promise<void> {
    return this.command('LTRIM', [key, start, stop], false, options, nothing);
  }

  /** XADD. The id of the new entry. Not idempotent; with an id of the caller's own a repetition is refused by the server. */
  xadd(
    key: string,
    id: string,
    fields: Readonly<Record<string, RedisArgument>>,
    options?: XaddOptions,
  ): Promise<string | null> {
    const { maxLength, noMkStream } = options ?? {};
    const args: RedisArgument[] = [key];
    if (noMkStream === true) args.push('NOMKSTREAM');
    if (maxLength !== undefined) args.push('MAXLEN', '~', maxLength);
    args.push(id, ...Object.entries(fields).flat());
    return this.command('XADD', args, false, options, textOrNull);
  }

  /** XRANGE: entries from `start` to `end`, both included (`-` and `+` are the ends of the stream). Idempotent. */
  xrange(key: string, start: string, end: string, options?: XrangeOptions): Promise<StreamEntry[]> {
    const args = [key, start, end, ...countArguments(options)];
    return this.command('XRANGE', args, true, options, streamEntries);
  }

  /** XREVRANGE: entries from `end` back to `start`. Idempotent. */
  xrevrange(key: string, end: string, start: string, options?: XrangeOptions): Promise<StreamEntry[]> {
    const args = [key, end, start, ...countArguments(options)];
    return this.command('XREVRANGE', args, true, options, streamEntries);
  }

  /** XLEN. Idempotent. */
  xlen(key: string, options?: OperationOptions): Promise<number> {
    return this.command('XLEN', [key], true, options, Number);
  }

  /** XTRIM to a length, exactly, or with `approximate` about. How many were removed. Idempotent. */
  xtrim(
    key: string,
    maxLength: number,
    options?: OperationOptions & { readonly approximate?: boolean },
  ): Promise<number> {
    const args = [key, 'MAXLEN', ...(options?.approximate === true ? ['~'] : []), maxLength];
    return this.command('XTRIM', args, true, options, Number);
  }
}

function contradictionOf(options: SetOptions | undefined): string | undefined {
  if (options === undefined) return undefined;
  if (options.ex !== undefined && options.px !== undefined) return 'SET takes ex or px, not both.';
  return options.nx === true && options.xx === true ? 'SET takes nx or xx, not both.' : undefined;
}

/** SET answers nothing when its condition was not met. */
function isDone(reply: unknown): boolean {
  return reply !== null;
}

function isOne(reply: unknown): boolean {
  return Number(reply) === 1;
}

function nothing(): void {
  // The answer says nothing more than that it was done.
}

function setArguments(key: string, value: RedisArgument, options: SetOptions | undefined): RedisArgument[] {
  if (options === undefined) return [key, value];
  const { ex, px, nx, xx } = options;
  const args: RedisArgument[] = [key, value];
  if (ex !== undefined) args.push('EX', ex);
  if (px !== undefined) args.push('PX', px);
  if (nx === true) args.push('NX');
  if (xx === true) args.push('XX');
  return args;
}

function countArguments(options: XrangeOptions | undefined): RedisArgument[] {
  return options?.count === undefined ? [] : ['COUNT', options.count];
}

function list<T extends RedisArgument>(values: T | readonly T[]): readonly T[] {
  return Array.isArray(values) ? (values as readonly T[]) : [values as T];
}

function boundText(bound: ScoreBound): string {
  return typeof bound === 'number' ? scoreText(bound) : bound;
}

/** Redis writes infinity as `+inf`; JavaScript's own word would be refused. */
function scoreText(score: number): string {
  if (score === Infinity) return '+inf';
  return score === -Infinity ? '-inf' : String(score);
}
