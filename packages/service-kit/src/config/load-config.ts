/**
 * Reads a configuration class from environment variables and lists all that are wrong at once.
 */
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { settingsOf } from './setting.js';

/** Variables whose values must not be printed. */
const SECRET = /URL|KEY|SECRET|PASSWORD|TOKEN/;

/** Thrown at start; its message names every wrong variable. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * @param type a class whose properties carry the decorators of `setting.ts`; its initialisers are the defaults
 * @param env by default the variables of the process; an empty value counts as not set
 * @throws ConfigError listing every wrong variable
 */
export function loadConfig<Config extends object>(
  type: new () => Config,
  env: Record<string, string | undefined> = process.env,
): Config {
  const given: Record<string, string> = {};
  for (const name of settingsOf(type).keys()) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const config = plainToInstance(type, given, { exposeDefaultValues: true });
  const problems = validateSync(config).map((error) => {
    const value = given[error.property];
    if (value === undefined) return `${error.property} must be set`;
    // One sentence per variable; the last one is the most specific.
    const text = Object.values(error.constraints ?? {}).at(-1) ?? `${error.property} is wrong`;
    return SECRET.test(error.property) ? text : `${text} (it is "${value}")`;
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
