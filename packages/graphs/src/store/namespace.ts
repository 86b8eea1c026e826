/**
 * Namespaces of the store: which labels are allowed, and the text under which a namespace stands in the database. LangGraph's own
 * store joins the labels with a colon; so do we, and write a colon inside a label as `%3A`, so that every label comes back as it went in.
 */
import { LongrunError } from '@longrun/contracts';

const SEPARATOR = ':';
/** Longest path, bytes: it is part of a key, which Postgres limits to about 2,700. */
const MAX_PATH_BYTES = 1_000;

/** @throws LongrunError NAMESPACE_REQUIRED, VALIDATION_FAILED naming `field` */
export function namespacePath(labels: readonly string[], field = 'namespace'): string {
  if (labels.length === 0) {
    throw new LongrunError('NAMESPACE_REQUIRED', 'Namespace is required', { details: { field } });
  }
  if (labels[0] === 'langgraph')
    throw wrong(field, 'must not begin with "langgraph", which LangGraph keeps for itself');
  return prefixPath(labels, field);
}

/** As {@link namespacePath}; no labels are the prefix of everything. @throws LongrunError VALIDATION_FAILED */
export function prefixPath(labels: readonly string[], field: string): string {
  const path = labels.map((label) => encodeLabel(checkLabel(label, field))).join(SEPARATOR);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw wrong(field, `must not be longer than ${MAX_PATH_BYTES} bytes`);
  return path;
}

/** The labels of a path. */
export function labelsOf(path: string): string[] {
  return path.split(SEPARATOR).map(decodeLabel);
}

/** A label as it stands in a path. */
export function encodeLabel(label: string): string {
  return label.replace(/[%:]/g, (character) => (character === '%' ? '%25' : '%3A'));
}

/** The reverse of {@link encodeLabel}. */
function decodeLabel(label: string): string {
  return label.replace(/%(25|3A)/g, (_escape, code: string) => (code === '25' ? '%' : ':'));
}

/** Pattern for LIKE of everything below a path. */
export function belowPattern(path: string): string {
  return path === '' ? '%' : `${escapeLike(path)}${SEPARATOR}%`;
}

/** A text in which LIKE finds no wildcard. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

/** @throws LongrunError VALIDATION_FAILED */
export function checkLabel(label: unknown, field: string): string {
  if (typeof label !== 'string' || label === '')
    throw wrong(field, 'every label must be a text that is not empty');
  if (label.includes('.')) throw wrong(field, `the label "${label.slice(0, 60)}" must not contain a period`);
  if (label.includes('\0')) throw wrong(field, 'a label must not contain a NUL character');
  return label;
}

function wrong(field: string, problem: string): LongrunError {
  return new LongrunError('VALIDATION_FAILED', `${field}: ${problem}`, { details: { field } });
}
