/**
 * Script: takes requests from a token bucket and runs from the quota of a window, both of one caller, in one call.
 */
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';
import type { OperationOptions } from '../client/operation-options.js';
import type { RedisScript } from './redis-script.js';

/** What a caller may do. 0: that is not limited. */
export interface Allowance {
  /** Requests that are given back per second. */
  readonly perSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
  /** Runs per window. */
  readonly quota: number;
  /** A window begins with its first run, milliseconds. */
  readonly windowMs: number;
}

/** What a call takes. */
export interface Taking {
  readonly requests: number;
  readonly runs: number;
}

/** How it went. */
export interface Taken {
  /** Which limit was in the way; null: all was taken. Runs that are refused cost the request all the same. */
  readonly refusedBy: 'rate' | 'quota' | null;
  /** When the same may go well, milliseconds; 0 when it has. */
  readonly waitMs: number;
  /** Whole requests that are left. */
  readonly requestsLeft: number;
  readonly runsLeft: number;
  /** When the window ends, milliseconds; 0 when none has begun. */
  readonly windowLeftMs: number;
}

/**
 * KEYS[1] a hash: `t` requests left at the time `a`, `n` runs of the window that ends at `e`; times are milliseconds of the server's clock
 *
 * ARGV: per second, burst, quota, window in ms, requests, runs. Returns refusal (0, 1 rate, 2 quota), wait, requests left, runs left,
 * milliseconds left of the window. A clock that goes back gives nothing back, and takes nothing.
 */
const TAKE_ALLOWANCE: RedisScript = {
  name: 'take-allowance',
  numberOfKeys: 1,
  lua: `
local rate, burst, quota, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local requests, runs = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local had = redis.call('HMGET', KEYS[1], 't', 'a', 'n', 'e')
local left, n, e = burst, tonumber(had[3]) or 0, tonumber(had[4]) or 0
if had[1] then left = math.min(burst, tonumber(had[1]) + math.max(0, now - tonumber(had[2])) * rate / 1000) end
if now >= e then n, e = 0, 0 end
local refused, wait = 0, 0
if rate > 0 and left < requests then
  refused, wait = 1, math.ceil((requests - left) * 1000 / rate)
else
  if rate > 0 then left = left - requests end
  if quota > 0 and runs > 0 then
    if n + runs > quota then
      refused, wait = 2, (e > 0 and e - now or window)
    else
      if e == 0 then e = now + window end
      n = n + runs
    end
  end
  redis.call('HSET', KEYS[1], 't', tostring(left), 'a', string.format('%.0f', now), 'n', n, 'e', string.format('%.0f', e))
  local full = rate > 0 and math.ceil(burst * 1000 / rate) or 0
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(1000, full, e - now)))
end
return { refused, wait, math.floor(left), math.max(0, quota - n), math.max(0, e - now) }
`,
};

const REFUSALS = [null, 'rate', 'quota'] as const;

/**
 * Takes from the allowance that a key stands for. Not idempotent.
 *
 * @throws RedisError as every operation of the client
 */
export async function takeAllowance(
  redis: ResilientRedisClient,
  key: string,
  { perSecond, burst, quota, windowMs }: Allowance,
  { requests, runs }: Taking,
  options?: OperationOptions,
): Promise<Taken> {
  const args = [perSecond, burst, quota, windowMs, requests, runs];
  const reply = (await redis.runScript(TAKE_ALLOWANCE, [key], args, options)) as unknown[];
  const [refused = 0, waitMs = 0, requestsLeft = 0, runsLeft = 0, windowLeftMs = 0] = reply.map(Number);
  return { refusedBy: REFUSALS[refused] ?? null, waitMs, requestsLeft, runsLeft, windowLeftMs };
}
