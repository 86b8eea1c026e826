/**
 * The table of transitions on a row in memory: for decisions that are taken under a lock, and for the simulation.
 */
import type { Condition, RunColumns, Scope, Value } from './expression.js';
import type { Transition } from './transition.js';

/** Whether `transition` may happen. Throws when the scope lacks what the guard names. */
export function isAllowed(transition: Transition, scope: Scope): boolean {
  return holds(transition.guard, scope);
}

/** The columns that `transition` assigns, with their new values. Says nothing about the guard. */
export function assignments(transition: Transition, scope: Scope): Partial<RunColumns> {
  const changes: Record<string, unknown> = {};
  for (const name in transition.set) {
    const value = transition.set[name as keyof RunColumns];
    if (value) changes[name] = valueOf(value, scope);
  }
  return changes;
}

function valueOf(value: Value<unknown>, scope: Scope): unknown {
  switch (value.is) {
    case 'column':
      return known(scope.row[value.name], value.name);
    case 'argument':
      return known(scope.arguments?.[value.name], value.name);
    case 'literal':
      return value.value;
    case 'now':
      return known(scope.now, 'now');
    case 'sum':
      return (valueOf(value.left, scope) as number) + (valueOf(value.right, scope) as number);
    case 'after':
      return (known(scope.now, 'now') as number) + (valueOf(value.seconds, scope) as number) * 1_000;
    case 'first':
      return valueOf(value.value, scope) ?? valueOf(value.otherwise, scope);
    case 'choice':
      return valueOf(holds(value.when, scope) ? value.then : value.otherwise, scope);
  }
}

function holds(condition: Condition, scope: Scope): boolean {
  switch (condition.is) {
    case 'equal': {
      const left = valueOf(condition.left, scope);
      return left !== null && left === valueOf(condition.right, scope);
    }
    case 'at most':
      return (valueOf(condition.left, scope) as number) <= (valueOf(condition.right, scope) as number);
    case 'below':
      return (valueOf(condition.left, scope) as number) < (valueOf(condition.right, scope) as number);
    case 'null':
      return valueOf(condition.value, scope) === null;
    case 'true':
      return valueOf(condition.value, scope) === true;
    case 'all':
      for (const one of condition.of) if (!holds(one, scope)) return false;
      return true;
    case 'any':
      for (const one of condition.of) if (holds(one, scope)) return true;
      return false;
    case 'fragment':
      return condition.fragment.holds(scope);
  }
}

function known(value: unknown, name: string): unknown {
  if (value === undefined) throw new Error(`The row or the arguments lack "${name}".`);
  return value;
}
