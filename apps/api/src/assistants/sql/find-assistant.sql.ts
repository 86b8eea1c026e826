/**
 * One assistant.
 *
 * Raw SQL: a prepared statement, since every new run reads its assistant. $1 assistant id.
 */
import { ASSISTANT_COLUMNS } from './assistant-row.js';

export const FIND_ASSISTANT = `
SELECT ${ASSISTANT_COLUMNS}, updated_at::text AS stamp FROM assistant WHERE assistant_id = $1 AND hidden_at IS NULL`;
