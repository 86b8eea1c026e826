/**
 * Many commands at once, in chunks: a chunk leaves in one packet, holds one permit, and the next begins when it is answered,
 * so that there are never thousands of promises, and others get their turn in between.
 */
import type { RedisArgument } from '../connections/command-channel.js';
import { RedisError } from '../redis-error.js';
import type { OperationOptions } from './operation-options.js';
import type { OperationRunner } from './operation-runner.js';

/** What one command of a pipeline came to. */
export type PipelineResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: RedisError };

/** Options of a pipeline; deadline and permit are those of a chunk. */
export interface PipelineOptions extends OperationOptions {
  /** Commands per chunk. Default: the setting `batchSize`. */
  readonly chunkSize?: number;
}

/** Thrown within a chunk none of which was executed, so that all of it may be sent again. */
class ChunkNotExecuted extends RedisError {
  constructor(
    first: RedisError,
    readonly results: PipelineResult[],
  ) {
    super('not-executed', first.code, first.message, { cause: first });
  }
}

/**
 * Runs the commands chunk by chunk.
 *
 * @throws RangeError for a chunk size below 1; never for a command: its result says what happened
 */
export async function runPipeline(
  runner: OperationRunner,
  commands: readonly (readonly [string, ...RedisArgument[]])[],
  options: PipelineOptions & { readonly chunkSize: number },
): Promise<PipelineResult[]> {
  const { chunkSize } = options;
  if (!Number.isInteger(chunkSize) || chunkSize < 1) {
    throw new RangeError(`chunkSize is ${String(chunkSize)}; it must be a whole number of at least 1.`);
  }
  const results: PipelineResult[] = [];
  for (let start = 0; start < commands.length; start += chunkSize) {
    const chunk = commands.slice(start, start + chunkSize);
    results.push(...(await runChunk(runner, chunk, options)));
  }
  return results;
}

async function runChunk(
  runner: OperationRunner,
  chunk: readonly (readonly [string, ...RedisArgument[]])[],
  options: PipelineOptions,
): Promise<PipelineResult[]> {
  const name = `A pipeline of ${String(chunk.length)} commands`;
  try {
    return await runner.runTogether(name, options.idempotent ?? false, options, async (send) => {
      const results = await Promise.all(chunk.map(([command, ...args]) => toResult(send(command, args))));
      const failures = results.flatMap((result) => (result.ok ? [] : [result.error]));
      const [first] = failures;
      const isNothingDone = failures.every(({ outcome }) => outcome === 'not-executed');
      if (first !== undefined && failures.length === chunk.length && isNothingDone) {
        throw new ChunkNotExecuted(first, results);
      }
      return results;
    });
  } catch (error) {
    if (error instanceof ChunkNotExecuted) return error.results;
    if (!(error instanceof RedisError)) throw error;
    // The deadline, the circuit or the queue for a permit: it holds for every command of the chunk.
    return chunk.map(() => ({ ok: false, error }));
  }
}

async function toResult(reply: Promise<unknown>): Promise<PipelineResult> {
  try {
    return { ok: true, value: await reply };
  } catch (error) {
    if (error instanceof RedisError) return { ok: false, error };
    throw error;
  }
}
