/**
 * Describes one environment variable where it is declared: its type, its limits, and the sentence that
 * `docs/configuration.md` and `.env.example` are generated from.
 */
import 'reflect-metadata';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** What the documentation says of a setting. */
export interface SettingDescription {
  /** What it does, with the unit of its value. */
  description: string;
  /** A value that shows how it is written, for settings without a default. */
  example?: string;
  /** Values it takes, when they are few. */
  oneOf?: readonly string[];
}

const DESCRIPTIONS = Symbol.for('longrun.settings');

type Descriptions = Map<string, SettingDescription>;

/** The settings of a configuration class and the classes it extends, in the order of their declaration. */
export function settingsOf(type: abstract new () => object): Descriptions {
  const parent: unknown = Object.getPrototypeOf(type.prototype);
  const inherited =
    parent && parent !== Object.prototype
      ? settingsOf((parent as { constructor: abstract new () => object }).constructor)
      : new Map<string, SettingDescription>();
  const own = Reflect.getOwnMetadata(DESCRIPTIONS, type) as Descriptions | undefined;
  return new Map([...inherited, ...(own ?? [])]);
}

function describe(target: object, name: string, description: SettingDescription): void {
  const type = target.constructor;
  const own = (Reflect.getOwnMetadata(DESCRIPTIONS, type) as Descriptions | undefined) ?? new Map();
  own.set(name, description);
  Reflect.defineMetadata(DESCRIPTIONS, own, type);
}

function decorate(description: SettingDescription, ...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, name) => {
    describe(target, String(name), description);
    for (const decorator of decorators) decorator(target, name);
  };
}

/** A whole number within limits; it must be there, if only by default, unless it is optional. */
export function IntegerSetting(
  description: SettingDescription & { min: number; max?: number; optional?: boolean },
): PropertyDecorator {
  const { min, max, optional, ...rest } = description;
  const toNumber = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? Number(value.trim()) : value,
  );
  const checks = [IsInt(), Min(min), ...(max === undefined ? [] : [Max(max)])];
  return decorate(rest, toNumber, ...(optional ? [IsOptional()] : []), ...checks);
}

/** `true` or `false` (also 1 and 0). */
export function BooleanSetting(description: SettingDescription): PropertyDecorator {
  const toBoolean = Transform(({ value }: { value: unknown }) => {
    if (value === 'true' || value === '1') return true;
    return value === 'false' || value === '0' ? false : value;
  });
  return decorate({ oneOf: ['true', 'false'], ...description }, toBoolean, IsBoolean());
}

/** Text; it may be left out unless it is required. */
export function TextSetting(description: SettingDescription & { required?: boolean }): PropertyDecorator {
  const { required, ...rest } = description;
  const check = rest.oneOf ? IsIn([...rest.oneOf]) : IsString();
  return decorate(rest, ...(required ? [] : [IsOptional()]), check);
}
