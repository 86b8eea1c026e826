/**
 * What cannot be read from a handler: what it is for, and what it answers.
 */
import type { JsonSchema } from './schema.js';

export interface Operation {
  summary: string;
  /** Of an answer that went well; `'stream'`: server-sent events; null: no body. */
  answer: JsonSchema | 'stream' | null;
  /** Status of that answer, where the handler decides. */
  status?: number;
  /** Other statuses that are no errors, by what they say. */
  also?: Readonly<Record<number, { description: string; answer: JsonSchema | null }>>;
  /** Statuses of the errors that are its own. */
  errors?: readonly number[];
  /** What the answer is, unless JSON. */
  types?: readonly string[];
  /** Whether `Idempotency-Key` is read. */
  isIdempotent?: true;
  /** Whether the answer has the headers of a page. */
  isPaged?: true;
  /** Whether the answer says in headers where the run is. */
  namesRun?: true;
  /** The body is a list of what the class of the body describes. */
  body?: (schemaOf: (type: new () => object) => JsonSchema) => JsonSchema;
}

/** By `METHOD /path`. */
type Operations = Readonly<Record<string, Operation>>;

/** Operations under one heading. */
export interface OperationGroup {
  tag: string;
  description: string;
  operations: Operations;
}
