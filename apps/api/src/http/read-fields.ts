/**
 * From what a client sent to an instance of a DTO: the fields that the class has, each as it says that it is read. Values are handed on as
 * they came, whatever their keys are: `constructor` and `__proto__` are names like others in the JSON of a user.
 */
import { getMetadataStorage } from 'class-validator';

type Dto = new () => object;

/** By the prototype of the class that declares the field. */
const readings = new WeakMap<object, Map<string, (value: unknown) => unknown>>();
const names = new WeakMap<Dto, readonly string[]>();

/** How a field is read of what was sent; not asked for what was not sent. */
export function ReadAs(read: (value: unknown) => unknown): PropertyDecorator {
  return (target, property) => {
    const own = readings.get(target) ?? new Map<string, (value: unknown) => unknown>();
    readings.set(target, own.set(String(property), read));
  };
}

/** Fields that were not sent keep their defaults, those that the class does not have are left out. */
export function readFields<T extends object>(type: new () => T, sent: object): T {
  const dto = new type() as Record<string, unknown>;
  const given = sent as Record<string, unknown>;
  for (const name of namesOf(type)) {
    if (!Object.hasOwn(sent, name) || given[name] === undefined) continue;
    const read = readingOf(type.prototype as object, name);
    dto[name] = read ? read(given[name]) : given[name];
  }
  return dto as T;
}

/** Of the fields that have a rule. */
function namesOf(type: Dto): readonly string[] {
  let known = names.get(type);
  if (known === undefined) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
    known = [...new Set(rules.map(({ propertyName }) => propertyName))];
    names.set(type, known);
  }
  return known;
}

function readingOf(prototype: object, name: string): ((value: unknown) => unknown) | undefined {
  for (let at: unknown = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const own = readings.get(at)?.get(name);
    if (own) return own;
  }
  return undefined;
}
