/**
 * Changes an assistant and writes the change down as its next version; no row when there is no such assistant.
 *
 * Raw SQL: one statement, so that the number of the version is given under the lock of the assistant's row. A statement
 * that had to wait for that lock reads the row again, with the number that the one before it has left.
 * $1 assistant id, $2 graph id, $3 name, $4 config, $5 context (JSON text; null keeps what there is), $6 metadata to
 * merge (JSON text), $7 description, $8 whether to set it.
 */
import { ASSISTANT_COLUMNS } from './assistant-row.js';

export const PATCH_ASSISTANT = `
WITH changed AS (
  UPDATE assistant SET
    graph_id = COALESCE($2, graph_id),
    name = COALESCE($3, name),
    config = COALESCE($4::jsonb, config),
    context = COALESCE($5::jsonb, context),
    metadata = metadata || $6::jsonb,
    description = CASE WHEN $8 THEN $7 ELSE description END,
    version = last_version + 1,
    last_version = last_version + 1,
    updated_at = now()
  WHERE assistant_id = $1 AND hidden_at IS NULL
  RETURNING ${ASSISTANT_COLUMNS}
), next AS (
  INSERT INTO assistant_version (assistant_id, version, graph_id, name, description, config, context, metadata, created_at)
  SELECT assistant_id, version, graph_id, name, description, config, context, metadata, updated_at FROM changed
)
SELECT ${ASSISTANT_COLUMNS} FROM changed`;
