/**
 * The commands that have a method of their own: names, arguments and replies with types, and for each whether it may be
 * repeated when nobody knows what became of it.
 */
import type { RedisArgument } from '../connections/command-channel.js';
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

type Reply = Promise<unknown>;

export abstract class TypedCommands {
  /** Executes one command under all policies. */
  protected abstract command(
    name: string,
    args: readonly RedisArgument[],
    idempotent: boolean,
    options: OperationOptions | undefined,
  ): Reply;

  /** PING. Answers `PONG`. Idempotent. */
  async ping(options?: OperationOptions): Promise<string> {
    return String(await this.command('PING', [], true, options));
  }

  /** GET. Idempotent. */
  async get(key: string, options?: OperationOptions): Promise<string | null> {
    return textOrNull(await this.command('GET', [key], true, options));
  }

  /** SET. False when `nx` or `xx` kept it from being set. Idempotent, but not with `nx` or `xx`. */
  async set(key: string, value: RedisArgument, options?: SetOptions): Promise<boolean> {
    const isConditional = options?.nx === true || options?.xx === true;
    const reply = await this.command('SET', setArguments(key, value, options), !isConditional, options);
    return reply !== null;
  }

  /** SET with GET: sets, and answers what was there before. Not idempotent: the second try would answer the new value. */
  async setGet(key: string, value: RedisArgument, options?: SetOptions): Promise<string | null> {
    return textOrNull(
      await this.command('SET', [...setArguments(key, value, options), 'GET'], false, options),
    );
  }

  /** DEL. How many existed; after a repetition that may be less than what was deleted. Idempotent. */
  async del(keys: string | readonly string[], options?: OperationOptions): Promise<number> {
    return Number(await this.command('DEL', list(keys), true, options));
  }

  /** EXISTS. How many of the keys exist. Idempotent. */
  async exists(keys: string | readonly string[], options?: OperationOptions): Promise<number> {
    return Number(await this.command('EXISTS', list(keys), true, options));
  }

  /** EXPIRE. False when the key does not exist. Idempotent: the time counts from the last try. */
  async expire(key: string, seconds: number, options?: OperationOptions): Promise<boolean> {
    return Number(await this.command('EXPIRE', [key, seconds], true, options)) === 1;
  }

  /** PEXPIRE. False when the key does not exist. Idempotent: the time counts from the last try. */
  async pexpire(key: string, milliseconds: number, options?: OperationOptions): Promise<boolean> {
    return Number(await this.command('PEXPIRE', [key, milliseconds], true, options)) === 1;
  }

  /** TTL in seconds; -1 for a key without one, -2 for no key. Idempotent. */
  async ttl(key: string, options?: OperationOptions): Promise<number> {
    return Number(await this.command('TTL', [key], true, options));
  }

  /** INCR, or INCRBY with `by`. The new value. Not idempotent. */
  async incr(key: string, options?: OperationOptions & { readonly by?: number }): Promise<number> {
    const by = options?.by ?? 1;
    return Number(
      by === 1
        ? await this.command('INCR', [key], false, options)
        : await this.command('INCRBY', [key, by], false, options),
    );
  }

  /** HSET of one field. True when the field is new. Idempotent. */
  async hset(key: string, field: string, value: RedisArgument, options?: OperationOptions): Promise<boolean> {
    return Number(await this.command('HSET', [key, field, value], true, options)) === 1;
  }

  /** HSET of many fields. How many are new. Idempotent. */
  async hsetMap(
    key: string,
    fields: Readonly<Record<string, RedisArgument>>,
    options?: OperationOptions,
  ): Promise<number> {
    return Number(await this.command('HSET', [key, ...Object.entries(fields).flat()], true, options));
  }

  /** HGET. Idempotent. */
  async hget(key: string, field: string, options?: OperationOptions): Promise<string | null> {
    return textOrNull(await this.command('HGET', [key, field], true, options));
  }

  /** HGETALL. An object without a prototype, empty when the key does not exist. Idempotent. */
  async hgetall(key: string, options?: OperationOptions): Promise<Record<string, string>> {
    return record(await this.command('HGETALL', [key], true, options));
  }

  /** HDEL. How many existed. Idempotent. */
  async hdel(key: string, fields: string | readonly string[], options?: OperationOptions): Promise<number> {
    return Number(await this.command('HDEL', [key, ...list(fields)], true, options));
  }

  /** ZADD. How many are new, or with `ch` changed. Idempotent. */
  async zadd(key: string, members: readonly ScoredMember[], options?: ZaddOptions): Promise<number> {
    const flags = (['nx', 'xx', 'gt', 'lt', 'ch'] as const).filter((flag) => options?.[flag] === true);
    const pairs = members.flatMap(({ member, score }) => [scoreText(score), member]);
    const args = [key, ...flags.map((flag) => flag.toUpperCase()), ...pairs];
    return Number(await this.command('ZADD', args, true, options));
  }

  /** ZRANGE by rank: from `start` to `stop`, both included, negative ones from the end. Idempotent. */
  async zrange(key: string, start: number, stop: number, options?: ZrangeOptions): Promise<string[]> {
    const args = [key, start, stop, ...(options?.rev === true ? ['REV'] : [])];
    return texts(await this.command('ZRANGE', args, true, options));
  }

  /** ZRANGE by rank, with the scores. Idempotent. */
  async zrangeWithScores(
    key: string,
    start: number,
    stop: number,
    options?: ZrangeOptions,
  ): Promise<ScoredMember[]> {
    const args = [key, start, stop, ...(options?.rev === true ? ['REV'] : []), 'WITHSCORES'];
    return scoredMembers(await this.command('ZRANGE', args, true, options));
  }

  /** ZRANGEBYSCORE. Idempotent. */
  async zrangeByScore(
    key: string,
    min: ScoreBound,
    max: ScoreBound,
    options?: ZrangeByScoreOptions,
  ): Promise<string[]> {
    const { limit } = options ?? {};
    const window = limit === undefined ? [] : ['LIMIT', limit.offset, limit.count];
    const args = [key, boundText(min), boundText(max), ...window];
    return texts(await this.command('ZRANGEBYSCORE', args, true, options));
  }

  /** ZREM. How many were removed. Idempotent. */
  async zrem(key: string, members: string | readonly string[], options?: OperationOptions): Promise<number> {
    return Number(await this.command('ZREM', [key, ...list(members)], true, options));
  }

  /** ZCARD. Idempotent. */
  async zcard(key: string, options?: OperationOptions): Promise<number> {
    return Number(await this.command('ZCARD', [key], true, options));
  }

  /** LPUSH. The new length. Not idempotent. */
  async lpush(
    key: string,
    values: RedisArgument | readonly RedisArgument[],
    options?: OperationOptions,
  ): Promise<number> {
    return Number(await this.command('LPUSH', [key, ...list(values)], false, options));
  }

  /** RPUSH. The new length. Not idempotent. */
  async rpush(
    key: string,
    values: RedisArgument | readonly RedisArgument[],
    options?: OperationOptions,
  ): Promise<number> {
    return Number(await this.command('RPUSH', [key, ...list(values)], false, options));
  }

  /** LRANGE. Idempotent. */
  async lrange(key: string, start: number, stop: number, options?: OperationOptions): Promise<string[]> {
    return texts(await this.command('LRANGE', [key, start, stop], true, options));
  }

  /** LTRIM. Not idempotent: cutting off the first entry twice removes two. */
  async ltrim(key: string, start: number, stop: number, options?: OperationOptions): Promise<void> {
    await this.command('LTRIM', [key, start, stop], false, options);
  }

  /** XADD. The id of the new entry. Not idempotent; with an id of the caller's own a repetition is refused by the server. */
  async xadd(
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
    return textOrNull(await this.command('XADD', args, false, options));
  }

  /** XRANGE: entries from `start` to `end`, both included (`-` and `+` are the ends of the stream). Idempotent. */
  async xrange(key: string, start: string, end: string, options?: XrangeOptions): Promise<StreamEntry[]> {
    const args = [key, start, end, ...countArguments(options)];
    return streamEntries(await this.command('XRANGE', args, true, options));
  }

  /** XREVRANGE: entries from `end` back to `start`. Idempotent. */
  async xrevrange(key: string, end: string, start: string, options?: XrangeOptions): Promise<StreamEntry[]> {
    const args = [key, end, start, ...countArguments(options)];
    return streamEntries(await this.command('XREVRANGE', args, true, options));
  }

  /** XLEN. Idempotent. */
  async xlen(key: string, options?: OperationOptions): Promise<number> {
    return Number(await this.command('XLEN', [key], true, options));
  }

  /** XTRIM to a length, exactly, or with `approximate` about. How many were removed. Idempotent. */
  async xtrim(
    key: string,
    maxLength: number,
    options?: OperationOptions & { readonly approximate?: boolean },
  ): Promise<number> {
    const args = [key, 'MAXLEN', ...(options?.approximate === true ? ['~'] : []), maxLength];
    return Number(await this.command('XTRIM', args, true, options));
  }
}

function setArguments(key: string, value: RedisArgument, options: SetOptions | undefined): RedisArgument[] {
  const { ex, px, nx, xx } = options ?? {};
  if (ex !== undefined && px !== undefined) throw new TypeError('SET takes ex or px, not both.');
  if (nx === true && xx === true) throw new TypeError('SET takes nx or xx, not both.');
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
