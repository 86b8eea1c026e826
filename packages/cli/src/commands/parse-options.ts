/**
 * Options without arguments beside them.
 */
import { parseArgs } from 'node:util';

import { UsageError } from './usage-error.js';

type Options = Readonly<Record<string, { type: 'string' | 'boolean'; short?: string }>>;

type Values<Known extends Options> = {
  -readonly [Name in keyof Known]?: Known[Name]['type'] extends 'boolean' ? boolean : string;
};

/**
 * Reads the options. A bare `--` is ignored: package managers pass it on.
 *
 * @throws UsageError naming the option, with the help
 */
export function parseOptions<Known extends Options>(
  args: readonly string[],
  options: Known,
  help: string,
): Values<Known> {
  try {
    const given = args.filter((arg) => arg !== '--');
    return parseArgs({ args: given, strict: true, allowPositionals: false, options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  }
}
