/**
 * The table of transitions as SQL: what the statements in `../sql` are built from.
 */
import type { Condition, SqlNames, Value } from './expression.js';
import type { Transition } from './transition.js';

/** The condition under which `transition` may happen, for a WHERE. */
export function guardSql(transition: Transition, names: SqlNames = {}): string {
  return conditionSql(transition.guard, names);
}

/** What `transition` assigns, for a SET. */
export function assignmentsSql(transition: Transition, names: SqlNames = {}): string {
  return Object.entries(transition.set)
    .map(([name, value]) => `${name} = ${valueSql(value, names)}`)
    .join(', ');
}

/** One value, for an INSERT. */
export function valueSql(value: Value<unknown>, names: SqlNames): string {
  switch (value.is) {
    case 'column':
      return names.row === undefined ? value.name : `${names.row}.${value.name}`;
    case 'argument': {
      const sql = names.arguments?.[value.name];
      if (sql === undefined) throw new Error(`The statement does not say what stands for "${value.name}".`);
      return sql;
    }
    case 'literal':
      if (value.value === null) return 'NULL';
      return typeof value.value === 'number' ? String(value.value) : `'${value.value}'`;
    case 'now':
      return 'now()';
    case 'sum':
      return `${valueSql(value.left, names)} + ${valueSql(value.right, names)}`;
    case 'after':
      return `now() + make_interval(secs => ${valueSql(value.seconds, names)})`;
    case 'first':
      return `COALESCE(${valueSql(value.value, names)}, ${valueSql(value.otherwise, names)})`;
    case 'choice':
      return `CASE WHEN ${conditionSql(value.when, names)} THEN ${valueSql(value.then, names)} ELSE ${valueSql(value.otherwise, names)} END`;
  }
}

function conditionSql(condition: Condition, names: SqlNames): string {
  switch (condition.is) {
    case 'equal':
      return `${valueSql(condition.left, names)} = ${valueSql(condition.right, names)}`;
    case 'at most':
      return `${valueSql(condition.left, names)} <= ${valueSql(condition.right, names)}`;
    case 'below':
      return `${valueSql(condition.left, names)} < ${valueSql(condition.right, names)}`;
    case 'null':
      return `${valueSql(condition.value, names)} IS NULL`;
    case 'true':
      return valueSql(condition.value, names);
    case 'all':
      return condition.of.map((one) => conditionSql(one, names)).join(' AND ');
    case 'any':
      return `(${condition.of.map((one) => conditionSql(one, names)).join(' OR ')})`;
    case 'fragment':
      return condition.fragment.sql(names);
  }
}
