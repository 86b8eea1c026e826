/**
 * Makes an older version the current one. The numbers go on: the next change gets the one after the newest.
 *
 * Raw SQL: the columns come from the other table. $1 assistant id, $2 version; no row when there is no such version.
 */
export const SET_LATEST_VERSION = `
UPDATE assistant SET
  graph_id = chosen.graph_id, name = chosen.name, description = chosen.description, config = chosen.config,
  context = chosen.context, metadata = chosen.metadata, version = chosen.version, updated_at = now()
FROM assistant_version AS chosen
WHERE assistant.assistant_id = $1 AND hidden_at IS NULL AND chosen.assistant_id = $1 AND chosen.version = $2
RETURNING assistant.*`;
