/**
 * What `longrun doctor` says about one thing that it has looked at.
 */

/** `advice` is nothing that stops anybody; `skipped` could not be looked at, or did not have to be. */
type FindingStatus = 'ok' | 'advice' | 'problem' | 'skipped';

export interface Finding {
  /** What was looked at, a name for programs. */
  readonly check: string;
  readonly status: FindingStatus;
  /** What was found, in a sentence. */
  readonly what: string;
  /** The number, or the text, that mattered. */
  readonly value?: number | string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What {@link judge} makes a finding of. */
interface Judged extends Omit<Finding, 'status' | 'remedy'> {
  readonly isWell: boolean;
  /** Default problem. */
  readonly otherwise?: 'advice' | 'problem';
  readonly remedy: string;
}

/** A finding that is well, or else has a remedy. */
export function judge({ isWell, otherwise = 'problem', remedy, ...finding }: Judged): Finding {
  return isWell ? { ...finding, status: 'ok' } : { ...finding, status: otherwise, remedy };
}

/** What an error says; those of several connections at once say it below. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
