/**
 * A new assistant with its version 1; no row when its id is taken.
 *
 * Raw SQL: both tables in one statement, so that there is never one without the other.
 * $1 assistant id, $2 graph id, $3 name, $4 description, $5 config, $6 context and $7 metadata (JSON text).
 */
import { ASSISTANT_COLUMNS } from './assistant-row.js';

export const INSERT_ASSISTANT = `
WITH made AS (
  INSERT INTO assistant (assistant_id, graph_id, name, description, config, context, metadata)
  VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb)
  ON CONFLICT (assistant_id) DO NOTHING
  RETURNING ${ASSISTANT_COLUMNS}
), first AS (
  INSERT INTO assistant_version (assistant_id, version, graph_id, name, description, config, context, metadata, created_at)
  SELECT assistant_id, version, graph_id, name, description, config, context, metadata, created_at FROM made
)
SELECT ${ASSISTANT_COLUMNS} FROM made`;
