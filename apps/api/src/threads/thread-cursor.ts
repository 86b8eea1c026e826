/**
 * Places in the stream of a thread: when a run began, in microseconds, and the number of an event in its log.
 */
import { LongrunError } from '@longrun/contracts';

export interface ThreadCursor {
  /** Microseconds since 1970, as text: beyond what a number holds one day. */
  started: string;
  seq: number;
}

/**
 * `Last-Event-ID` of a thread's stream: `<started>-<seq>`, or `-` for everything there is. Null without one: from now on.
 *
 * @throws LongrunError VALIDATION_FAILED
 */
export function parseThreadCursor(header: string | undefined): ThreadCursor | null {
  if (header === undefined || header === '') return null;
  if (header === '-' || header === '-1') return { started: '0', seq: -1 };
  const match = /^(\d{1,18})-(\d{1,16})$/.exec(header);
  if (!match?.[1] || !match[2]) {
    throw new LongrunError(
      'VALIDATION_FAILED',
      `Last-Event-ID: must be an id of this stream, or - for its beginning, not "${header.slice(0, 60)}"`,
      { details: { field: 'Last-Event-ID' } },
    );
  }
  return { started: match[1], seq: Number(match[2]) };
}
