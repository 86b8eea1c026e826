/**
 * From a record of a run's log to events of protocol v2. A pure function of the record and of what the run's row says, so that an event is
 * the same whenever and wherever it is read. Changes with the form of the protocol's events.
 *
 * One record is one event, with these exceptions: `error` is none, as the end of the run says it; a record of a stream mode that tells
 * several questions is one event for each; and what the protocol has no channel for is none.
 */
import {
  addressOfProtocolRecord,
  END_EVENT,
  ERROR_EVENT,
  isProtocolRecord,
  METADATA_EVENT,
  type EndEventData,
  type MetadataEventData,
  type NumberedRunEvent,
  type ProtocolAddress,
  type ProtocolMethod,
} from '@longrun/contracts';
import { eventsOfModeRecord } from './mode-record.js';
import { idOfPlace, idOfRunEvent, seqOfPlace, type ThreadPlace } from './thread-place.js';

/** What a run's row says, as far as events tell it. */
export interface RunFacts {
  readonly runId: string;
  /** `start_order`. */
  readonly order: number;
  readonly graphId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Null while it is active. */
  readonly endedAt: number | null;
  /** Why it failed; null when it did not, or has not ended. */
  readonly error: string | null;
}

/** An event ready to be sent. */
export interface ProtocolEvent {
  readonly place: ThreadPlace;
  readonly address: ProtocolAddress;
  readonly id: string;
  /** `method` as it is sent. */
  readonly method: string;
  /** The whole event as one line of JSON. */
  readonly json: string;
}

/** What begins and ends a run belongs here. */
const ROOT_LIFECYCLE: ProtocolAddress = { method: 'lifecycle', namespace: [] };

/**
 * The events of a record of the run's log.
 *
 * @param isWanted asked before an event is made: most readers want few of them
 */
export function eventsOfRecord(
  record: NumberedRunEvent,
  run: RunFacts,
  isWanted: (address: ProtocolAddress) => boolean,
): ProtocolEvent[] {
  const { event, data, seq } = record;
  if (isProtocolRecord(event)) {
    const address = addressOfProtocolRecord(event);
    return isWanted(address) ? [made(run, { seq, part: 0 }, address, data)] : [];
  }
  if (event === METADATA_EVENT || event === END_EVENT) {
    if (!isWanted(ROOT_LIFECYCLE)) return [];
    return event === END_EVENT
      ? [lifecycle(run, seq, run.endedAt ?? Date.now(), ending(data, run.error))]
      : [lifecycle(run, seq, run.startedAt, beginning(data))];
  }
  if (event === ERROR_EVENT) return [];
  // The log of a stream mode has no times: while the run goes on it is now, afterwards it is long ago.
  const timestamp = run.endedAt === null ? Date.now() : run.startedAt;
  return eventsOfModeRecord(record).flatMap(({ node, data: payload, ...address }, part) => {
    if (!isWanted(address)) return [];
    const { namespace } = address;
    const params = { namespace, timestamp, ...(node === undefined ? {} : { node }), data: payload };
    return [made(run, { seq, part }, address, JSON.stringify(params))];
  });
}

function made(
  { order }: RunFacts,
  at: Omit<ThreadPlace, 'order'>,
  address: ProtocolAddress,
  params: string,
  id = idOfPlace({ order, ...at }),
): ProtocolEvent {
  const place = { order, ...at };
  const method = wireMethod(address.method);
  const head = `{"type":"event","event_id":"${id}","seq":${seqOfPlace(place)},"method":"${method}"`;
  return { place, address, id, method, json: `${head},"params":${params}}` };
}

/** The name of a custom event is in its data. */
function wireMethod(method: ProtocolMethod): string {
  return method.startsWith('custom:') ? 'custom' : method;
}

function lifecycle(run: RunFacts, seq: number, timestamp: number, what: object): ProtocolEvent {
  const { runId, order, graphId } = run;
  const at = { seq, part: 0 };
  const params = JSON.stringify({ namespace: [], timestamp, data: { graph_name: graphId, ...what } });
  return made(run, at, ROOT_LIFECYCLE, params, idOfRunEvent(runId, { order, ...at }));
}

function beginning(data: string): object {
  const { attempt } = JSON.parse(data) as MetadataEventData;
  // A later attempt goes on where the one before was cut off, and its graphs start again.
  return { event: 'running', ...(attempt > 1 ? { attempt } : {}) };
}

function ending(data: string, error: string | null): object {
  const { status, thread_status: thread } = JSON.parse(data) as EndEventData;
  if (status === 'success') return { event: thread === 'interrupted' ? 'interrupted' : 'completed' };
  if (status === 'interrupted' || status === 'rollback') return { event: 'interrupted' };
  return { event: 'failed', error: error ?? `The run ended as ${status}.` };
}
