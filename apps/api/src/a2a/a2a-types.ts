/**
 * What of the A2A protocol (0.3) is spoken here.
 */
import type { JsonObject } from '@longrun/contracts';

export type A2aPart =
  { kind: 'text'; text: string } | { kind: 'data'; data: JsonObject } | { kind: 'file'; file: JsonObject };

export interface A2aMessage {
  kind: 'message';
  role: 'user' | 'agent';
  messageId: string;
  parts: A2aPart[];
  contextId?: string;
  taskId?: string;
}

export type A2aTaskState =
  'submitted' | 'working' | 'input-required' | 'completed' | 'canceled' | 'failed' | 'unknown';

export interface A2aStatus {
  state: A2aTaskState;
  timestamp: string;
  message?: A2aMessage;
}

export interface A2aArtifact {
  artifactId: string;
  name: string;
  parts: A2aPart[];
}

/** A run. */
export interface A2aTask {
  kind: 'task';
  id: string;
  contextId: string;
  status: A2aStatus;
  artifacts?: A2aArtifact[];
  history?: A2aMessage[];
}

/** Codes of JSON-RPC and of A2A. */
export const A2A_ERRORS = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  taskNotFound: -32001,
  taskNotCancelable: -32002,
  pushNotSupported: -32003,
  contentTypeNotSupported: -32005,
} as const;

export class A2aError extends Error {
  readonly code: number;

  constructor(kind: keyof typeof A2A_ERRORS, message: string) {
    super(message);
    this.code = A2A_ERRORS[kind];
  }
}
