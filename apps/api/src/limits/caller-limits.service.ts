/**
 * How much each caller may ask for: requests per second and runs per window. One call to Redis per request at most, so that all apis count
 * together; while Redis is away, and in single mode, this process counts by itself.
 *
 * A request that may create runs is counted where their number is known (`run-creation.ts`), before anything is written, and together with
 * them. One that comes to nothing before is counted when it has been answered.
 */
import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { callerLimitKey, LongrunError } from '@longrun/contracts';
import { takeAllowance, type Allowance, type ResilientRedisClient, type Taken } from '@longrun/redis-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isPublic } from '../auth/access.service.js';
import { ApiConfig } from '../config/api-config.js';
import { REDIS } from '../tokens.js';
import { LocalAllowances } from './local-allowances.js';

/** How long a request waits for Redis before this process decides by itself. */
const ANSWER_MS = 250;
/** Callers of whom it is known until when they are refused: nobody is asked about them. */
const MOST_REFUSED = 10_000;

const CREATES_RUNS =
  /^\/(threads\/:thread_id\/)?(runs(\/(stream|wait|batch|requeue))?|commands|mcp|a2a\/.*)$/;

/** A request whose caller is limited. */
export interface Limited {
  readonly key: string;
  readonly allowance: Allowance;
  readonly reply: FastifyReply;
  /** It is counted with its runs, or at its end. */
  isPending: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Unset while nothing limits the caller. */
    limited?: Limited;
  }
}

@Injectable()
export class CallerLimits {
  readonly #local = new LocalAllowances();
  readonly #refusedUntil = new Map<string, number>();

  constructor(
    @Inject(ApiConfig) private readonly config: ApiConfig,
    @Inject(REDIS) private readonly redis: ResilientRedisClient | null,
  ) {}

  /** At the beginning of a request, once it is known whose it is. @throws LongrunError RATE_LIMITED */
  async begin(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (isPublic(request)) return;
    const caller = this.#callerOf(request);
    const allowance = caller === null ? null : this.#allowanceOf(request);
    if (caller === null || allowance === null) return;
    const key = callerLimitKey(createHash('sha256').update(caller).digest('base64url'));
    const { method, routeOptions } = request;
    const createsRuns = allowance.quota > 0 && method === 'POST' && CREATES_RUNS.test(routeOptions.url ?? '');
    request.limited = { key, allowance, reply, isPending: createsRuns };
    this.#refuseKnown(request.limited);
    if (!createsRuns) await this.#take(request.limited, 0);
  }

  /** Before runs are created. @throws LongrunError RATE_LIMITED, RUN_QUOTA_EXCEEDED; nothing may have been written then */
  async takeRuns({ limited }: FastifyRequest, runs: number): Promise<void> {
    // Without a quota the request was counted when it began.
    if (!limited || limited.allowance.quota === 0) return;
    limited.isPending = false;
    await this.#take(limited, runs);
  }

  /** At the end of a request: one that came to no runs is counted now, and refuses the next. */
  async end({ limited }: FastifyRequest): Promise<void> {
    if (!limited?.isPending) return;
    limited.isPending = false;
    await this.#take(limited, 0).catch(() => undefined);
  }

  #callerOf(request: FastifyRequest): string | null {
    const { caller, callerId } = request.access;
    if (caller) return `user:${callerId}`;
    return this.config.RATE_LIMIT_ANONYMOUS ? `address:${request.ip}` : null;
  }

  #allowanceOf({ access: { caller } }: FastifyRequest): Allowance | null {
    const { RATE_LIMIT_PER_SECOND, RATE_LIMIT_BURST, RUN_QUOTA, RUN_QUOTA_WINDOW_SECONDS } = this.config;
    const perSecond = caller?.limits?.perSecond ?? RATE_LIMIT_PER_SECOND;
    const quota = caller?.limits?.quota ?? RUN_QUOTA;
    if (perSecond === 0 && quota === 0) return null;
    const burst = Math.max(RATE_LIMIT_BURST ?? 0, perSecond);
    return { perSecond, burst, quota, windowMs: RUN_QUOTA_WINDOW_SECONDS * 1_000 };
  }

  async #take(limited: Limited, runs: number): Promise<void> {
    const { key, allowance, reply } = limited;
    const taken = await this.#ask(key, allowance, runs);
    if (!reply.raw.headersSent) void reply.headers(limitHeaders(allowance, taken));
    if (taken.refusedBy === 'rate') this.#remember(key, taken.waitMs);
    if (taken.refusedBy !== null) throw refusal(taken, allowance, runs);
  }

  async #ask(key: string, allowance: Allowance, runs: number): Promise<Taken> {
    const taking = { requests: 1, runs };
    if (this.redis?.available) {
      try {
        const options = { priority: 'high', timeoutMs: ANSWER_MS } as const;
        return await takeAllowance(this.redis, key, allowance, taking, options);
      } catch {
        // Away, or about to be: the client says so itself.
      }
    }
    return this.#local.take(key, allowance, taking);
  }

  #refuseKnown({ key, allowance, reply }: Limited): void {
    const waitMs = (this.#refusedUntil.get(key) ?? 0) - performance.now();
    if (waitMs <= 0) return;
    const taken: Taken = { refusedBy: 'rate', waitMs, requestsLeft: 0, runsLeft: 0, windowLeftMs: 0 };
    void reply.headers(limitHeaders({ ...allowance, quota: 0 }, taken));
    throw refusal(taken, allowance, 0);
  }

  #remember(key: string, waitMs: number): void {
    this.#refusedUntil.delete(key);
    this.#refusedUntil.set(key, performance.now() + waitMs);
    const [oldest] = this.#refusedUntil.keys();
    if (this.#refusedUntil.size > MOST_REFUSED && oldest !== undefined) this.#refusedUntil.delete(oldest);
  }
}

/** Whole seconds, and at least one: 0 would say that it may be sent again at once. */
const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

/** Source: the IETF draft "RateLimit header fields for HTTP". */
function limitHeaders(
  { perSecond, burst, quota, windowMs }: Allowance,
  taken: Taken,
): Record<string, string> {
  const policies: string[] = [];
  const states: string[] = [];
  if (perSecond > 0) {
    policies.push(`"requests";q=${burst};w=${seconds((burst / perSecond) * 1_000)}`);
    const fullInMs = ((burst - taken.requestsLeft) / perSecond) * 1_000;
    states.push(`"requests";r=${taken.requestsLeft};t=${seconds(fullInMs)}`);
  }
  if (quota > 0) {
    policies.push(`"runs";q=${quota};w=${seconds(windowMs)}`);
    states.push(`"runs";r=${taken.runsLeft};t=${seconds(taken.windowLeftMs || windowMs)}`);
  }
  return { 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') };
}

function refusal(
  { refusedBy, waitMs, runsLeft }: Taken,
  { perSecond, quota }: Allowance,
  runs: number,
): Error {
  const retryAfterSeconds = seconds(waitMs);
  const details = { retryAfterSeconds };
  if (refusedBy === 'rate') {
    const allowed = `${perSecond} ${perSecond === 1 ? 'request' : 'requests'} per second`;
    const message = `This caller may send ${allowed}. Try again in ${retryAfterSeconds} s.`;
    return new LongrunError('RATE_LIMITED', message, { details });
  }
  const asked = runs === 1 ? '' : ` of which ${runsLeft} are left, and asks for ${runs}`;
  return new LongrunError(
    'RUN_QUOTA_EXCEEDED',
    `This caller may create ${quota} runs in a window${asked}. Try again in ${retryAfterSeconds} s.`,
    { details },
  );
}
