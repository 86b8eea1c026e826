/**
 * Statements of the vectors of items. The table has the shape of LangGraph's own.
 *
 * Raw SQL: the types of pgvector.
 */
import { PUT_ITEM } from './items.sql.js';

/** Whether pgvector is installed here, or could be; and the dimensions of the vectors that are stored already. */
export const INSPECT_VECTORS = `
SELECT
  EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector') AS installed,
  EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') AS available,
  (SELECT atttypmod FROM pg_attribute
   WHERE attrelid = to_regclass('langgraph.store_vectors') AND attname = 'embedding') AS dims`;

export interface VectorsRow {
  installed: boolean;
  available: boolean;
  dims: number | null;
}

/** @param dims a whole number, checked */
export function createVectors(dims: number): string {
  return `
CREATE TABLE IF NOT EXISTS langgraph.store_vectors (
  namespace_path text NOT NULL,
  key text NOT NULL,
  field_path text NOT NULL,
  text_content text NOT NULL,
  embedding vector(${dims}) NOT NULL,
  created_at timestamptz DEFAULT now(),
  PRIMARY KEY (namespace_path, key, field_path),
  FOREIGN KEY (namespace_path, key) REFERENCES langgraph.store (namespace_path, key) ON DELETE CASCADE
)`;
}

/**
 * An item with its vectors, in one statement: a reader never sees the one without the other. As PUT_ITEM, and $5 paths of fields,
 * $6 their texts, $7 their vectors as text.
 */
export const PUT_ITEM_WITH_VECTORS = `
WITH put AS (${PUT_ITEM} RETURNING namespace_path, key),
stale AS (
  DELETE FROM langgraph.store_vectors WHERE namespace_path = $1 AND key = $2 AND field_path <> ALL ($5::text[])
)
INSERT INTO langgraph.store_vectors (namespace_path, key, field_path, text_content, embedding)
SELECT put.namespace_path, put.key, field.field_path, field.text_content, field.embedding::vector
FROM put, unnest($5::text[], $6::text[], $7::text[]) AS field (field_path, text_content, embedding)
ON CONFLICT (namespace_path, key, field_path) DO UPDATE
SET text_content = excluded.text_content, embedding = excluded.embedding`;
