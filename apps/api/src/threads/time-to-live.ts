/**
 * `ttl` of a thread: minutes without anything happening to it, and what becomes of it then.
 */
import { Transform } from 'class-transformer';

export interface TimeToLive {
  /** Minutes. */
  ttl: number;
  /** Default `delete`. `keep_latest` forgets the history and keeps the newest state. */
  strategy?: 'delete' | 'keep_latest';
}

/** Clients may send the minutes alone. */
export function AsTimeToLive(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'number' ? { ttl: value } : value));
}
