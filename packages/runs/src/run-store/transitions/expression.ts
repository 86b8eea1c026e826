/**
 * The small language in which the table of transitions is written: values and conditions over one row of `run`, as data. It
 * has two readers, `to-sql.ts` for Postgres and `evaluate.ts` for a row in memory, and a test that holds them against each other.
 */
import type { CancelAction, RunStatus } from '@longrun/contracts';

/** The columns of a run that transitions read or write. Times are milliseconds. */
export interface RunColumns {
  status: RunStatus;
  attempt: number;
  crashes: number;
  retries: number;
  dispatch: number;
  dispatched_at: number | null;
  due_at: number;
  worker_id: string | null;
  cancel_requested_at: number | null;
  cancel_action: CancelAction | null;
  cancel_reason: string | null;
}

/** What a transition is given besides the row. Each statement says what stands for which argument. */
export interface TransitionArguments {
  /** The attempt that asks; null: whoever holds the run. */
  attempt: number | null;
  worker: string;
  status: RunStatus;
  /** A new run has to wait for another one, for its time or for room. */
  waits: boolean;
  /** Seconds until the run is due, or after which a run that nobody fetched is dispatched again. */
  seconds: number;
  /** Crashes to charge: 0 or 1. */
  charge: number;
  crashLimit: number;
  action: CancelAction;
  reason: string | null;
}

type Argument = keyof TransitionArguments;

/** A value of type `T`. */
export type Value<T> = (
  | { readonly is: 'column'; readonly name: keyof RunColumns }
  | { readonly is: 'argument'; readonly name: Argument }
  | { readonly is: 'literal'; readonly value: string | number | null }
  | { readonly is: 'now' }
  | { readonly is: 'sum'; readonly left: Value<number>; readonly right: Value<number> }
  | { readonly is: 'after'; readonly seconds: Value<number> }
  | { readonly is: 'first'; readonly value: Value<unknown>; readonly otherwise: Value<unknown> }
  | {
      readonly is: 'choice';
      readonly when: Condition;
      readonly then: Value<unknown>;
      readonly otherwise: Value<unknown>;
    }
) & { readonly yields?: T };

/** True or false. A comparison with null is false, as in a WHERE. */
export type Condition =
  | { readonly is: 'equal'; readonly left: Value<unknown>; readonly right: Value<unknown> }
  | { readonly is: 'at most'; readonly left: Value<number>; readonly right: Value<number> }
  | { readonly is: 'below'; readonly left: Value<number>; readonly right: Value<number> }
  | { readonly is: 'null'; readonly value: Value<unknown> }
  | { readonly is: 'true'; readonly value: Value<boolean> }
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly is: 'fragment'; readonly fragment: Fragment };

/** A condition that reads better in SQL, and beside it the function that says the same. */
export interface Fragment {
  readonly sql: (names: SqlNames) => string;
  readonly holds: (scope: Scope) => boolean;
}

/** What the names of an expression are in a statement. */
export interface SqlNames {
  /** Alias of the row, where there is more than one table. */
  readonly row?: string;
  readonly arguments?: Readonly<Partial<Record<Argument, string>>>;
}

/** What they are in memory. Only the columns and arguments that the expression names are needed. */
export interface Scope {
  readonly row: Readonly<Partial<RunColumns>>;
  readonly arguments?: Readonly<Partial<TransitionArguments>>;
  /** Postgres's clock, milliseconds. Needed where the expression says `now`. */
  readonly now?: number;
}

export const column = <Name extends keyof RunColumns>(name: Name): Value<RunColumns[Name]> => ({
  is: 'column',
  name,
});
export const argument = <Name extends Argument>(name: Name): Value<TransitionArguments[Name]> => ({
  is: 'argument',
  name,
});
export const literal = <T extends string | number | null>(value: T): Value<T> => ({ is: 'literal', value });
export const now: Value<number> = { is: 'now' };
export const sum = (left: Value<number>, right: Value<number>): Value<number> => ({ is: 'sum', left, right });
/** So many seconds from now. */
export const after = (seconds: Value<number>): Value<number> => ({ is: 'after', seconds });
/** `value`, or `otherwise` where it is null. */
export const first = <T, Other>(value: Value<T>, otherwise: Value<Other>): Value<NonNullable<T> | Other> => ({
  is: 'first',
  value,
  otherwise,
});
export const choice = <T, Other>(
  when: Condition,
  then: Value<T>,
  otherwise: Value<Other>,
): Value<T | Other> => ({ is: 'choice', when, then, otherwise });

export const equal = <T>(left: Value<T>, right: Value<NonNullable<T> | null>): Condition => ({
  is: 'equal',
  left,
  right,
});
export const atMost = (left: Value<number>, right: Value<number>): Condition => ({
  is: 'at most',
  left,
  right,
});
export const below = (left: Value<number>, right: Value<number>): Condition => ({ is: 'below', left, right });
export const isNull = (value: Value<unknown>): Condition => ({ is: 'null', value });
export const isTrue = (value: Value<boolean>): Condition => ({ is: 'true', value });
export const all = (...of: readonly Condition[]): Condition => ({ is: 'all', of });
export const any = (...of: readonly Condition[]): Condition => ({ is: 'any', of });
export const fragment = (both: Fragment): Condition => ({ is: 'fragment', fragment: both });
