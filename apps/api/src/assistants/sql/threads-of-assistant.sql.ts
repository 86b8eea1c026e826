/**
 * Threads whose metadata name an assistant: every run stamps its own there.
 *
 * Raw SQL: containment in jsonb is beyond Prisma's filters. $1 metadata (JSON text), $2 rows at most.
 */
export const THREADS_OF_ASSISTANT = `
SELECT thread_id FROM thread WHERE metadata @> $1::jsonb AND hidden_at IS NULL LIMIT $2`;
