/**
 * `ttl` of a thread: minutes without anything happening to it, and what becomes of it then.
 */
import { ReadAs } from '../http/read-fields.js';

export interface TimeToLive {
  /** Minutes. */
  ttl: number;
  /** Default `delete`. `keep_latest` forgets the history and keeps the newest state. */
  strategy?: 'delete' | 'keep_latest';
}

/** Clients may send the minutes alone. */
export function AsTimeToLive(): PropertyDecorator {
  return ReadAs((value) => (typeof value === 'number' ? { ttl: value } : value));
}
