/**
 * `Idempotency-Key`: the same key and request create one thing, however often they are sent. The key is bound to the id of
 * that thing before it is created, so that a repeat finds it, or creates it under the same id where the first had failed.
 *
 * Source: the IETF draft "The Idempotency-Key HTTP Header Field".
 */
import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import { v7 as newUuid } from 'uuid';
import { POOL } from '../tokens.js';
import { BIND_IDEMPOTENCY_KEY, type BoundKeyRow } from './sql/bind-idempotency-key.sql.js';

const HEADER = 'idempotency-key';
const LONGEST_KEY = 255;

/** What a creation is told: the id to create under, and whether the thing may exist already. */
export interface IdempotentId {
  readonly id: string;
  /** An earlier request had the same key: look for what it made before anything is done twice. */
  readonly mayExist: boolean;
  /** What exists under the id was made by a request with this key, also by one that came later and was faster. */
  readonly isOurs: boolean;
}

@Injectable()
export class IdempotencyService {
  constructor(@Inject(POOL) private readonly pool: pg.Pool) {}

  /**
   * The id for what a request creates: a new one, or the one of the request that had the same key.
   *
   * @param kind of the resource: each has keys of its own
   * @param options.proposed id that the request itself names
   * @param options.part of a request that creates several things
   * @throws LongrunError VALIDATION_FAILED for a key that is empty or too long; IDEMPOTENCY_KEY_REUSED for another request under the
   * same key
   */
  async idFor(
    kind: string,
    request: FastifyRequest,
    options: { proposed?: string | undefined; part?: number } = {},
  ): Promise<IdempotentId> {
    const id = options.proposed ?? newUuid();
    const key = keyOf(request);
    if (key === null) return { id, mayExist: false, isOurs: false };
    const { callerId } = request.access;
    // Two callers may choose the same key, and must not get each other's things.
    const own = callerId === '' ? key : `${digestOf(callerId)}:${key}`;
    const whole = options.part === undefined ? `${kind}:${own}` : `${kind}:${own}:${options.part}`;
    const fingerprint = fingerprintOf(request);
    const { rows } = await this.pool.query<BoundKeyRow>(BIND_IDEMPOTENCY_KEY, [whole, fingerprint, id]);
    const bound = rows[0];
    if (!bound) throw new LongrunError('INTERNAL', 'The Idempotency-Key was not stored.');
    if (bound.fingerprint !== fingerprint) {
      throw new LongrunError(
        'IDEMPOTENCY_KEY_REUSED',
        'Idempotency-Key: was used for a request with another path or body; send a new key',
        { details: { field: 'Idempotency-Key' } },
      );
    }
    const mayExist = !bound.is_new;
    // An id that the client named may be anybody's, unless the key was bound to it before.
    return { id: bound.resource_id, mayExist, isOurs: mayExist || options.proposed === undefined };
  }
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers[HEADER];
  if (key === undefined) return null;
  if (typeof key !== 'string' || key.trim() === '' || key.length > LONGEST_KEY) {
    throw new LongrunError('VALIDATION_FAILED', `Idempotency-Key: must have 1 to ${LONGEST_KEY} characters`, {
      details: { field: 'Idempotency-Key' },
    });
  }
  return key;
}

/** The same for the same path and body, in whatever order the keys of the body come. */
function fingerprintOf(request: FastifyRequest): string {
  const body = JSON.stringify(request.body ?? null, sortedKeys);
  return digestOf(`${request.method} ${request.url}\n${body}`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
