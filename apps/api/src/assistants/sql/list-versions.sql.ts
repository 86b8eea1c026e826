/**
 * Versions of an assistant, newest first.
 *
 * Raw SQL: containment in jsonb is beyond Prisma's filters.
 * $1 assistant id, $2 metadata that they must contain (JSON text), $3 rows at most, $4 rows to skip.
 */
export const LIST_VERSIONS = `
SELECT assistant_id, graph_id, name, description, config, context, metadata, version, created_at
FROM assistant_version
WHERE assistant_id = $1 AND metadata @> $2::jsonb
ORDER BY version DESC LIMIT $3 OFFSET $4`;
