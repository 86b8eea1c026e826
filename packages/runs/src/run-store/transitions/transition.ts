/**
 * What a row of the table of transitions says.
 */
import type { RunStatus } from '@longrun/contracts';
import {
  all,
  any,
  argument,
  column,
  equal,
  literal,
  type Condition,
  type RunColumns,
  type Value,
} from './expression.js';

/** Values by column. */
export type Assignments = { readonly [Name in keyof RunColumns]?: Value<RunColumns[Name]> };

/** A row as it is written down. */
interface TransitionRule<Set> {
  /** Statuses from which it may happen; none: the run does not exist yet. */
  readonly from: readonly RunStatus[];
  /** Where it leads: a status, the argument `status` among several, or nowhere else. */
  readonly to?: RunStatus | readonly RunStatus[];
  /** What must hold besides the status. */
  readonly when?: Condition;
  /** What changes besides the status. */
  readonly set?: Set;
}

/** A row as its readers see it. */
export interface Transition {
  readonly from: readonly RunStatus[];
  /** Statuses after it. */
  readonly to: readonly RunStatus[];
  readonly guard: Condition;
  readonly set: Assignments;
}

/** Joins the statuses of a rule with its guard and its assignments. */
export function transition<Set extends Omit<Assignments, 'status'>>(
  rule: TransitionRule<Set>,
): Transition & { readonly set: Set } {
  const { from, to, when } = rule;
  const isFrom = from.map((status) => equal(column('status'), literal(status)));
  const [only, ...others] = isFrom;
  const status = only && others.length === 0 ? [only] : isFrom.length > 0 ? [any(...isFrom)] : [];
  return {
    from,
    to: to === undefined ? from : typeof to === 'string' ? [to] : to,
    guard: all(...status, ...(when ? [when] : [])),
    set: { ...(to === undefined ? {} : { status: newStatus(to) }), ...rule.set } as Assignments & Set,
  };
}

function newStatus(to: RunStatus | readonly RunStatus[]): Value<RunStatus> {
  return typeof to === 'string' ? literal(to) : argument('status');
}
