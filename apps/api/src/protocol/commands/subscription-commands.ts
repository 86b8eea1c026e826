/**
 * `subscription.subscribe`, `unsubscribe` and `reconnect`: over a connection that stays, as that of a WebSocket. Over HTTP a stream is a
 * request of its own.
 *
 * The id of a subscription says what it wants, so that any api can restore it for a client that comes back.
 */
import { Inject, Injectable } from '@nestjs/common';
import { validate as isUuid, v7 as newUuid } from 'uuid';
import { unknownFields, type CommandContext, type CommandResult, type Subscriptions } from '../command.js';
import { isRecord, parseSubscription, type EventFilter } from '../event-filter.js';
import { ProtocolError } from '../protocol-error.js';
import { ProtocolThreads } from '../protocol-threads.service.js';
import type { RunFacts } from '../protocol-event.js';
import { BEGINNING, parsePlace, type ThreadPlace } from '../thread-place.js';

const RECONNECT_FIELDS = ['run_id', 'last_event_id', 'subscriptions'];

@Injectable()
export class SubscriptionCommands {
  constructor(@Inject(ProtocolThreads) private readonly threads: ProtocolThreads) {}

  async subscribe({ command, subscriptions, threadId }: CommandContext): Promise<CommandResult> {
    const open = connectionOf(subscriptions);
    const { filter, from } = parseSubscription(command.params);
    const place = from ?? (await this.threads.standing(threadId)).first;
    return { result: { subscription_id: open.open({ filter, from: place }, idOf(filter)) } };
  }

  async unsubscribe({ command, subscriptions }: CommandContext): Promise<CommandResult> {
    const open = connectionOf(subscriptions);
    const id = command.params['subscription_id'];
    if (typeof id !== 'string')
      throw new ProtocolError('invalid_argument', 'subscription_id: must be a text');
    if (!open.close(id)) throw noSuchSubscription(id);
    return { result: {}, ignored: unknownFields(command.params, ['subscription_id']) };
  }

  /** Opens subscriptions of an earlier connection again, behind the last event that the client has, or from the beginning of a run on. */
  async reconnect({ command, threadId, subscriptions }: CommandContext): Promise<CommandResult> {
    const open = connectionOf(subscriptions);
    const { run_id: runId, last_event_id: lastEventId, subscriptions: ids } = command.params;
    if (typeof runId !== 'string')
      throw new ProtocolError('invalid_argument', 'run_id: must be the id of a run');
    const run = isUuid(runId) ? await this.threads.findRun(threadId, runId) : null;
    if (run === null)
      throw new ProtocolError('no_such_run', `run_id: the thread has no run ${runId.slice(0, 60)}`);
    const from =
      typeof lastEventId === 'string' ? parsePlace(lastEventId) : await this.#beginningOf(run, threadId);
    if (from === null)
      throw new ProtocolError('invalid_argument', 'last_event_id: must be the id of an event');
    if (ids !== undefined && !Array.isArray(ids)) {
      throw new ProtocolError('invalid_argument', 'subscriptions: must be a list of ids of subscriptions');
    }
    const wanted = (ids ?? []).map((id: unknown) => ({ id: String(id), filter: filterOf(id) }));
    for (const { id, filter } of wanted) open.open({ filter, from }, id);
    return {
      result: { restored: wanted.length > 0 },
      ignored: unknownFields(command.params, RECONNECT_FIELDS),
    };
  }

  /** A run that has not begun has no place yet: it is one that comes next. */
  async #beginningOf({ order }: RunFacts, threadId: string): Promise<ThreadPlace> {
    return order === 0 ? (await this.threads.standing(threadId)).first : { ...BEGINNING, order };
  }
}

/** @throws ProtocolError not_supported over HTTP */
function connectionOf(subscriptions: Subscriptions | null): Subscriptions {
  if (subscriptions !== null) return subscriptions;
  throw new ProtocolError(
    'not_supported',
    'Over HTTP a subscription is a request: POST /threads/{thread_id}/stream/events. Commands of subscriptions need a WebSocket.',
  );
}

function idOf({ channels, namespaces, depth }: EventFilter): string {
  const wanted = { channels: [...channels], namespaces, ...(depth === undefined ? {} : { depth }) };
  return `${newUuid()}.${Buffer.from(JSON.stringify(wanted)).toString('base64url')}`;
}

function filterOf(id: unknown): EventFilter {
  try {
    const [, wanted = ''] = String(id).split('.');
    const body: unknown = JSON.parse(Buffer.from(wanted, 'base64url').toString());
    if (isRecord(body)) return parseSubscription(body).filter;
  } catch {
    // No id of a subscription.
  }
  throw noSuchSubscription(String(id));
}

function noSuchSubscription(id: string): ProtocolError {
  return new ProtocolError('no_such_subscription', `There is no subscription ${id.slice(0, 60)}.`);
}
