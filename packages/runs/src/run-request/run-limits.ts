/**
 * Which limits of runs at a time apply to a run: per assistant, per user, per value of a metadata key.
 */
import type { JsonObject, RunConfig } from '@longrun/contracts';

/** One limit: `assistant=10`, `user=5`, or `metadata.tenant=20`. */
export interface RunLimit {
  /** `assistant`, `user`, or `metadata.` and a key. */
  readonly by: string;
  /** Most runs at a time with the same value. */
  readonly most: number;
}

const RULE = /^(assistant|user|metadata\.[^=,\s]+)=([1-9]\d{0,5})$/;

/**
 * Reads `RUN_LIMITS`: limits with commas between them; an empty text is none.
 *
 * @throws RangeError naming the limit that is wrong
 */
export function parseRunLimits(text: string): RunLimit[] {
  const rules = text.split(',').map((part) => part.trim());
  return rules
    .filter((rule) => rule !== '')
    .map((rule) => {
      const [, by, most] = RULE.exec(rule) ?? [];
      if (by !== undefined && most !== undefined) return { by, most: Number(most) };
      throw new RangeError(
        `RUN_LIMITS: "${rule}" must be assistant=<n>, user=<n> or metadata.<key>=<n>, with n from 1 to 999999`,
      );
    });
}

/** The keys that a run counts against, each with its limit. A run without a value for a limit is not limited by it. */
export function limitsOfRun(
  rules: readonly RunLimit[],
  run: { assistantId: string; config: RunConfig; metadata: JsonObject },
): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const { by, most } of rules) {
    const value = valueOf(by, run);
    if (value !== undefined) limits[`${by}:${value}`] = most;
  }
  return limits;
}

function valueOf(
  by: string,
  { assistantId, config, metadata }: { assistantId: string; config: RunConfig; metadata: JsonObject },
): string | undefined {
  if (by === 'assistant') return assistantId;
  const { configurable = {} } = config;
  const value =
    by === 'user'
      ? (configurable['langgraph_auth_user_id'] ?? configurable['user_id'])
      : metadata[by.slice('metadata.'.length)];
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value) : undefined;
}
