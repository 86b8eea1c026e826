/**
 * The stream mode `messages` in its older form: `messages/metadata` and `messages/partial` while a model speaks,
 * `messages/complete` when a message is first seen in the state.
 */
import type { RunEvent } from '@longrun/contracts';
import { isMessage, toWireJson } from '../wire/serialise.js';

interface Chunk {
  id: string;
  concat(next: unknown): Chunk;
}

export class LegacyMessages {
  private readonly partial = new Map<string, Chunk>();
  private readonly complete = new Set<string>();

  /** Events of `[message, metadata]`. Only pieces of a model's answer have any; a whole message waits for the state. */
  *ofMessage(payload: unknown): Generator<RunEvent> {
    const [chunk, metadata] = Array.isArray(payload) ? (payload as unknown[]) : [];
    if (!isChunk(chunk) || !isOfModel(metadata)) return;
    const before = this.partial.get(chunk.id);
    if (before === undefined) {
      yield { event: 'messages/metadata', data: toWireJson({ [chunk.id]: { metadata } }) };
    }
    const whole = before === undefined ? chunk : before.concat(chunk);
    this.partial.set(chunk.id, whole);
    yield { event: 'messages/partial', data: toWireJson([whole]) };
  }

  /** Events of a state with the key `messages`. */
  *ofState(state: unknown): Generator<RunEvent> {
    if (typeof state !== 'object' || state === null || !('messages' in state)) return;
    const fresh = [state.messages].flat().filter((message: unknown) => this.isNew(message));
    if (fresh.length > 0) yield { event: 'messages/complete', data: toWireJson(fresh) };
  }

  private isNew(message: unknown): boolean {
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
    if (typeof id !== 'string' || this.complete.has(id)) return false;
    this.complete.add(id);
    this.partial.delete(id);
    return true;
  }
}

/** LangGraph sends what a node returns in the same mode; only the metadata of a model name its kind. */
function isOfModel(metadata: unknown): boolean {
  return typeof metadata === 'object' && metadata !== null && 'ls_model_type' in metadata;
}

function isChunk(value: unknown): value is Chunk {
  return (
    isMessage(value) &&
    'concat' in value &&
    typeof value.concat === 'function' &&
    typeof value.id === 'string'
  );
}
