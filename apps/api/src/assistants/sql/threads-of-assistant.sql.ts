/**
 * Threads whose metadata name an assistant: every run stamps its own there.
 *
 * Raw SQL: containment in jsonb is beyond Prisma's filters.
 */
import type { SqlCondition } from '@longrun/contracts';

/**
 * @param most rows at most
 * @param meant which of them; null for all
 */
export function threadsOfAssistant(
  assistantId: string,
  most: number,
  meant: SqlCondition | null,
): { text: string; values: unknown[] } {
  const values: unknown[] = [JSON.stringify({ assistant_id: assistantId }), most];
  const condition = meant ? meant('metadata', (value) => `$${values.push(value)}`) : 'true';
  return {
    text: `
SELECT thread_id FROM thread WHERE metadata @> $1::jsonb AND hidden_at IS NULL AND ${condition} LIMIT $2`,
    values,
  };
}
