/**
 * How the log of a run that was started over protocol v2 is written: one record per event of the protocol, named after its method and
 * its namespace, with the `params` of the event as data. So a record becomes an event without being parsed. Changes with the protocol's
 * channels.
 */

/** The protocol that a log is recorded for; without one it is the stream modes of the Agent Server API. */
export type RunProtocol = 'v2';

/** Before the name of each such record. */
const PREFIX = 'v2:';

/** Channels of the protocol. Custom events that have a name are in `custom:<name>` too. */
export const PROTOCOL_CHANNELS = [
  'values',
  'updates',
  'messages',
  'tools',
  'lifecycle',
  'input',
  'checkpoints',
  'tasks',
  'custom',
] as const;
export type ProtocolChannel = (typeof PROTOCOL_CHANNELS)[number] | `custom:${string}`;

/** What a record is of: the method of its event, which for a custom event that has a name ends with that. */
export type ProtocolMethod = Exclude<ProtocolChannel, 'input'> | 'input.requested' | 'input.answered';

/** What an event is, and where it belongs. */
export interface ProtocolAddress {
  readonly method: ProtocolMethod;
  /** Segments `<node>:<task>`; empty for the root graph. */
  readonly namespace: readonly string[];
}

/** `params` of an event of the protocol. */
export interface ProtocolParams {
  namespace: readonly string[];
  /** Milliseconds since 1970. */
  timestamp: number;
  node?: string;
  data: unknown;
}

/** Characters that a name in the log cannot hold: the separator, and what no line or Postgres text holds. */
const UNSAFE = /[%|\u0000-\u001f\ud800-\udfff]/g;

/** Name of the record of an event. */
export function protocolRecordName({ method, namespace }: ProtocolAddress): string {
  const safe = method.replace(UNSAFE, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [`${PREFIX}${safe}`, ...namespace].join('|');
}

/** Whether a record of a log is one of the protocol. */
export function isProtocolRecord(event: string): boolean {
  return event.startsWith(PREFIX);
}

/** What the event of such a record is. */
export function addressOfProtocolRecord(event: string): ProtocolAddress {
  const [name = '', ...namespace] = event.slice(PREFIX.length).split('|');
  const method = name.replace(/%([0-9a-f]{4})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { method: method as ProtocolMethod, namespace };
}

/** The channel that an event is sent on. */
export function channelOfMethod(method: ProtocolMethod): ProtocolChannel {
  return method === 'input.requested' || method === 'input.answered' ? 'input' : method;
}
