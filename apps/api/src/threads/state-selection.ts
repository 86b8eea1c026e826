/**
 * `select` of a state: only the parts that a client asks for.
 */
import type { ThreadState } from '@longrun/contracts';
import { Matches } from 'class-validator';

const SELECTABLE =
  /^(values|next|tasks|checkpoint|metadata|created_at|parent_checkpoint|interrupts|values\..+)$/;
const PART_OF_VALUES = 'values.';

/** Fields of a state, and `values.<key>` for one key of its values. */
export function IsStateSelection(): PropertyDecorator {
  return Matches(SELECTABLE, {
    each: true,
    message:
      'must be one or more of values, next, tasks, checkpoint, metadata, created_at, parent_checkpoint, interrupts, values.<key>',
  });
}

/** The state with these fields only; whole without a selection. */
export function selectFromState(
  state: ThreadState,
  select: readonly string[] | null | undefined,
): Partial<ThreadState> {
  if (!select || select.length === 0) return state;
  const whole = new Set(select);
  const selected = Object.fromEntries(Object.entries(state).filter(([field]) => whole.has(field)));
  const keys = select
    .filter((field) => field.startsWith(PART_OF_VALUES))
    .map((field) => field.slice(PART_OF_VALUES.length));
  const { values } = state;
  if (keys.length === 0 || whole.has('values') || typeof values !== 'object' || values === null)
    return selected;
  const parts = Object.entries(values).filter(([key]) => keys.includes(key));
  return { ...selected, values: Object.fromEntries(parts) };
}
