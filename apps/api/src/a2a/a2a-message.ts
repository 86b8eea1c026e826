/**
 * What a client sends: checked, and as the input of a run.
 */
import type { JsonObject } from '@longrun/contracts';
import { isJsonObject } from '../http/field-rules.js';
import { validate as isUuid } from 'uuid';
import { A2aError, type A2aPart } from './a2a-types.js';

export interface SentMessage {
  messageId: string;
  parts: A2aPart[];
  /** The thread; undefined: a new one. */
  contextId: string | undefined;
  /** The run whose question it answers. */
  taskId: string | undefined;
  /** False: answered as soon as the task is accepted. */
  isBlocking: boolean;
  historyLength: number;
}

/** @throws A2aError naming the field */
export function sentMessage(params: JsonObject): SentMessage {
  const { message, configuration } = params;
  if (!isJsonObject(message)) throw new A2aError('invalidParams', 'message: must be an object');
  const { parts, messageId } = message;
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every(isPart)) {
    throw new A2aError('invalidParams', 'message.parts: must be a list of parts of kind text, data or file');
  }
  if (parts.some(({ kind }) => kind === 'file')) {
    throw new A2aError('contentTypeNotSupported', 'message.parts: files are not taken; send text and data');
  }
  if (typeof messageId !== 'string' || messageId === '') {
    throw new A2aError('invalidParams', 'message.messageId: must be a text');
  }
  const { blocking, historyLength } = isJsonObject(configuration) ? configuration : {};
  return {
    messageId,
    parts,
    contextId: idIn(message, 'contextId'),
    taskId: idIn(message, 'taskId'),
    isBlocking: blocking !== false,
    historyLength: countOf(historyLength),
  };
}

/** A UUID in a field that may be absent. @throws A2aError */
export function idIn(from: JsonObject, name: string): string | undefined {
  const value = from[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
  throw new A2aError('invalidParams', `${name}: must be a UUID: a thread is a context, a run is a task`);
}

export function countOf(historyLength: unknown): number {
  return Number.isInteger(historyLength) ? Math.min(Math.max(Number(historyLength), 0), 1_000) : 0;
}

/** Texts as one message of the user, data as fields of the input. @param takesMessages whether the graph has messages */
export function inputOf({ parts, messageId }: SentMessage, takesMessages: boolean): JsonObject {
  const words = wordsOf(parts);
  if (words !== '' && !takesMessages) {
    throw new A2aError(
      'invalidParams',
      'message.parts: the graph of this assistant has no messages; send data',
    );
  }
  const data = Object.assign(
    {},
    ...parts.map((part) => (part.kind === 'data' ? part.data : {})),
  ) as JsonObject;
  return {
    ...data,
    ...(words === '' ? {} : { messages: [{ role: 'user', content: words, id: messageId }] }),
  };
}

/** The answer to a question: the data, if there is any, else the text. */
export function answerIn({ parts }: SentMessage): unknown {
  const data = parts.find((part) => part.kind === 'data');
  return data?.kind === 'data' ? data.data : wordsOf(parts);
}

function wordsOf(parts: readonly A2aPart[]): string {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
}

function isPart(part: unknown): part is A2aPart {
  if (!isJsonObject(part)) return false;
  if (part['kind'] === 'text') return typeof part['text'] === 'string';
  return part['kind'] === 'data' ? isJsonObject(part['data']) : part['kind'] === 'file';
}
