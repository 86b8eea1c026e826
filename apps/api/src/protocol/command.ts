/**
 * A command of protocol v2 and its answer, as they are sent. Changes with the protocol's framing.
 */
import type { FastifyRequest } from 'fastify';
import { isRecord, type Subscription } from './event-filter.js';
import { ProtocolError } from './protocol-error.js';
import type { ThreadPlace } from './thread-place.js';

export interface Command {
  /** The client's number for it. */
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A subscription whose beginning is known. */
interface PlacedSubscription extends Subscription {
  from: ThreadPlace;
}

/** The subscriptions of one connection. */
export interface Subscriptions {
  /** Its events come after the answer to the command. @returns the id */
  open(subscription: PlacedSubscription, id: string): string;
  /** False when there is no such subscription. */
  close(id: string): boolean;
}

export interface CommandContext {
  readonly threadId: string;
  readonly command: Command;
  /** The request that brought it. */
  readonly request: FastifyRequest;
  /** Null over HTTP, where a stream is a request of its own. */
  readonly subscriptions: Subscriptions | null;
}

/** What a command gives, and the parameters that it does not know. */
export interface CommandResult {
  readonly result: object;
  readonly ignored?: readonly string[];
}

/** @throws ProtocolError invalid_argument for what is no command at all */
export function parseCommand(body: unknown): Command {
  const id = isRecord(body) ? body['id'] : undefined;
  if (!isRecord(body) || !Number.isSafeInteger(id) || Number(id) < 0 || typeof body['method'] !== 'string') {
    throw new ProtocolError(
      'invalid_argument',
      'A command is a JSON object with `id`, a whole number from 0 on, `method`, a text, and `params`, an object.',
    );
  }
  const params = body['params'] ?? {};
  if (!isRecord(params)) throw new ProtocolError('invalid_argument', 'params: must be a JSON object');
  return { id: Number(id), method: body['method'], params };
}

/** Fields that a command does not know. */
export function unknownFields(params: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  return Object.keys(params).filter(
    (field) => params[field] !== undefined && params[field] !== null && !known.includes(field),
  );
}
