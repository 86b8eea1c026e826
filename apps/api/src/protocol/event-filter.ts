/**
 * Which events of a thread a subscription wants: channels, namespaces and depth, judged by the name of a record alone. Changes with the
 * protocol's rules of matching, which clients apply too.
 */
import { channelOfMethod, PROTOCOL_CHANNELS, type ProtocolAddress } from '@longrun/contracts';
import { ProtocolError } from './protocol-error.js';
import { BEGINNING, parsePlace, placeOfSeq, type ThreadPlace } from './thread-place.js';

export interface EventFilter {
  readonly channels: ReadonlySet<string>;
  /** Prefixes; empty for everything. A segment without a task stands for all tasks of the node. */
  readonly namespaces: readonly (readonly string[])[];
  /** Segments below a prefix at most. */
  readonly depth: number | undefined;
}

/** True when a subscription wants the event. */
export function isWanted({ channels, namespaces, depth }: EventFilter, address: ProtocolAddress): boolean {
  const channel = channelOfMethod(address.method);
  if (!channels.has(channel) && !(channel.startsWith('custom:') && channels.has('custom'))) return false;
  const { namespace } = address;
  if (namespaces.length === 0) return depth === undefined || namespace.length <= depth;
  return namespaces.some(
    (prefix) =>
      isPrefix(prefix, namespace) && (depth === undefined || namespace.length - prefix.length <= depth),
  );
}

function isPrefix(prefix: readonly string[], namespace: readonly string[]): boolean {
  return prefix.every((wanted, i) => {
    const segment = namespace[i];
    if (segment === undefined || segment === wanted) return segment === wanted;
    return !wanted.includes(':') && segment.split(':', 1)[0] === wanted;
  });
}

/** Fields that say what a subscription wants, as they are sent. */
const FIELDS = ['channels', 'namespaces', 'depth', 'since', 'since_event_id'];

export interface Subscription {
  filter: EventFilter;
  /** Null: from the run that is under way, or the last one, on. */
  from: ThreadPlace | null;
}

/**
 * What a client asks for.
 *
 * @param lastEventId of the header, which counts for more than the fields of the body: it is what a client that comes back has seen
 * @throws ProtocolError invalid_argument naming the field
 */
export function parseSubscription(body: unknown, lastEventId?: string): Subscription {
  if (!isRecord(body)) throw invalid('the request must be a JSON object with `channels`');
  const unknown = Object.keys(body).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0)
    throw invalid(`unknown fields: ${unknown.join(', ')}; known are ${FIELDS.join(', ')}`);
  return {
    filter: {
      channels: parseChannels(body['channels']),
      namespaces: parseNamespaces(body['namespaces']),
      depth: parseDepth(body['depth']),
    },
    from: parseFrom(body, lastEventId),
  };
}

function parseChannels(value: unknown): Set<string> {
  const known = `${PROTOCOL_CHANNELS.join(', ')}, custom:<name>`;
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(`channels: must be a list of at least one of ${known}`);
  }
  for (const channel of value) {
    if (!isChannel(channel))
      throw invalid(`channels: there is no channel ${JSON.stringify(channel)}; known are ${known}`);
  }
  return new Set(value as string[]);
}

function isChannel(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return (PROTOCOL_CHANNELS as readonly string[]).includes(value) || /^custom:./s.test(value);
}

function parseNamespaces(value: unknown): readonly (readonly string[])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isNamespace)) return value;
  throw invalid('namespaces: must be a list of namespaces, each a list of texts');
}

/** True for a list of texts. */
export function isNamespace(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((segment) => typeof segment === 'string');
}

function parseDepth(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw invalid('depth: must be a whole number from 0 on');
}

function parseFrom(body: Record<string, unknown>, lastEventId: string | undefined): ThreadPlace | null {
  const { since, since_event_id: sinceId } = body;
  const given = [lastEventId || undefined, sinceId, since].find(
    (value) => value !== undefined && value !== null,
  );
  if (given === undefined) return null;
  const place =
    typeof given === 'number' ? placeOfSeq(given) : typeof given === 'string' ? parsePlace(given) : null;
  if (place) return place.order === 0 ? BEGINNING : place;
  const field = given === lastEventId ? 'Last-Event-ID' : given === sinceId ? 'since_event_id' : 'since';
  const shown = JSON.stringify(given)?.slice(0, 60);
  throw invalid(
    `${field}: must be the event_id or the seq of an event, or 0 for the beginning, not ${shown}`,
  );
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('invalid_argument', message);
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
