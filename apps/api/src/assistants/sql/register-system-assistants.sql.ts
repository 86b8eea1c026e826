/**
 * The assistants of the graphs of langgraph.json: made with version 1 where they are missing; where LANGGRAPH_CONFIG says
 * something else than when it was last applied, config and context follow it, as a new version. Any number of processes
 * may do this at once, and again: whoever waits for another's row finds its defaults applied.
 *
 * Raw SQL: both tables and all graphs in one statement.
 * Lists of the same length: $1 assistant ids, $2 graph ids, $3 descriptions, $4 configs, $5 contexts and $6 defaults (JSON
 * text; `{}` when LANGGRAPH_CONFIG does not name the graph).
 */
export const REGISTER_SYSTEM_ASSISTANTS = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
    AS given(assistant_id, graph_id, description, config, context, defaults)
), made AS (
  INSERT INTO assistant (assistant_id, graph_id, name, description, config, context, defaults, metadata)
  SELECT assistant_id, graph_id, graph_id, description, config, context, defaults, '{"created_by": "system"}'::jsonb
  FROM given
  ORDER BY assistant_id
  ON CONFLICT (assistant_id) DO NOTHING
  RETURNING *
), followed AS (
  UPDATE assistant SET
    config = given.config, context = given.context, defaults = given.defaults, hidden_at = NULL,
    version = last_version + 1, last_version = last_version + 1, updated_at = now()
  FROM given
  WHERE assistant.assistant_id = given.assistant_id
    AND (COALESCE(assistant.defaults, '{}'::jsonb) IS DISTINCT FROM given.defaults OR assistant.hidden_at IS NOT NULL)
  RETURNING assistant.*
)
INSERT INTO assistant_version (assistant_id, version, graph_id, name, description, config, context, metadata, created_at)
SELECT assistant_id, version, graph_id, name, description, config, context, metadata, updated_at FROM made
UNION ALL
SELECT assistant_id, version, graph_id, name, description, config, context, metadata, updated_at FROM followed`;
