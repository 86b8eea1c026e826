/**
 * A run as a task of A2A.
 */
import type { JsonObject, WireError } from '@longrun/contracts';
import type { A2aArtifact, A2aMessage, A2aPart, A2aStatus, A2aTask, A2aTaskState } from './a2a-types.js';

/** What is known of a run: of one that goes on, only where it is. */
export interface RunOutcome {
  runId: string;
  threadId: string;
  status: string | null;
  error?: WireError | null;
  values?: unknown;
}

const STATES: Readonly<Record<string, A2aTaskState>> = {
  pending: 'submitted',
  running: 'working',
  success: 'completed',
  error: 'failed',
  timeout: 'failed',
  interrupted: 'canceled',
  rollback: 'canceled',
};

/** @param historyLength most messages of its history; 0 for none */
export function taskOf(run: RunOutcome, historyLength = 0): A2aTask {
  const status = statusOf(run);
  const artifact = status.state === 'completed' ? artifactOf(run) : null;
  const history = historyLength > 0 ? historyOf(run).slice(-historyLength) : [];
  return {
    kind: 'task',
    id: run.runId,
    contextId: run.threadId,
    status,
    ...(artifact ? { artifacts: [artifact] } : {}),
    ...(history.length > 0 ? { history } : {}),
  };
}

export function statusOf({ runId, threadId, status, error, values }: RunOutcome): A2aStatus {
  const questions = questionsIn(values);
  const isAsking = status === 'success' && questions.length > 0;
  const state = isAsking ? 'input-required' : (STATES[status ?? ''] ?? 'unknown');
  const parts = isAsking
    ? questionParts(questions)
    : error && state === 'failed'
      ? [text(`${error.error}: ${error.message}`)]
      : [];
  const message = {
    kind: 'message',
    role: 'agent',
    messageId: `${runId}:status`,
    taskId: runId,
    contextId: threadId,
  } as const;
  return {
    state,
    timestamp: new Date().toISOString(),
    ...(parts.length > 0 ? { message: { ...message, parts } } : {}),
  };
}

/** The last words of the assistant; the whole state of a graph without any. */
export function artifactOf({ runId, values }: Pick<RunOutcome, 'runId' | 'values'>): A2aArtifact {
  const last = messagesIn(values).findLast(({ type }) => type === 'ai');
  const part: A2aPart = last ? text(textOf(last['content'])) : { kind: 'data', data: asObject(values) };
  return { artifactId: runId, name: 'Assistant Response', parts: [part] };
}

/** Text of a message's content: itself, or that of its blocks. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block: unknown) => (typeof block === 'string' ? block : textOfBlock(block))).join('');
}

function textOfBlock(block: unknown): string {
  const { text: words } = asObject(block);
  return typeof words === 'string' ? words : '';
}

function historyOf({ runId, threadId, values }: RunOutcome): A2aMessage[] {
  return messagesIn(values).flatMap(({ type, id, content }, i): A2aMessage[] => {
    if (type !== 'human' && type !== 'ai') return [];
    const messageId = typeof id === 'string' ? id : `${runId}:${i}`;
    const role = type === 'ai' ? 'agent' : 'user';
    return [{ kind: 'message', role, messageId, contextId: threadId, parts: [text(textOf(content))] }];
  });
}

function questionParts(questions: readonly JsonObject[]): A2aPart[] {
  const words = questions.map(({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return [text(words.join('\n')), { kind: 'data', data: { interrupts: questions } }];
}

function questionsIn(values: unknown): JsonObject[] {
  const found = asObject(values)['__interrupt__'];
  return Array.isArray(found) ? (found as JsonObject[]) : [];
}

function messagesIn(values: unknown): JsonObject[] {
  const { messages } = asObject(values);
  return Array.isArray(messages) ? (messages as JsonObject[]) : [];
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : { value };
}

function text(words: string): A2aPart {
  return { kind: 'text', text: words };
}
