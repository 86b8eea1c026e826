/**
 * The body of a batch: a list of runs. The SDK sends its own camelCase names here, as it was called with them.
 */
import { LongrunError } from '@longrun/contracts';
import { toValidated } from '../http/validated.js';
import { BULK_LIMIT } from './run-bulk.dto.js';
import { StatelessRunDto } from './run-create.dto.js';

/** @throws LongrunError VALIDATION_FAILED naming each wrong field with its place in the list */
export function toBatch(body: unknown): { dtos: StatelessRunDto[]; ignored: string[] } {
  if (!Array.isArray(body) || body.length === 0 || body.length > BULK_LIMIT) {
    throw new LongrunError('VALIDATION_FAILED', `body: must be a list of 1 to ${BULK_LIMIT} runs`, {
      details: { field: 'body' },
    });
  }
  const ignored = new Set<string>();
  const dtos = body.map((item: unknown, i) => {
    try {
      const validated = toValidated(StatelessRunDto, toWireNames(item));
      for (const field of validated.ignored) ignored.add(field);
      return validated.dto;
    } catch (error) {
      if (!(error instanceof LongrunError)) throw error;
      throw new LongrunError(error.code, `run ${i}: ${error.message}`, { details: error.details });
    }
  });
  return { dtos, ignored: [...ignored] };
}

function toWireNames(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const entries = Object.entries(item).map(([key, value]): [string, unknown] => [toSnakeCase(key), value]);
  // The SDK also sends `assistantId` beside `assistant_id`: one value under one name.
  return Object.fromEntries(entries);
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
