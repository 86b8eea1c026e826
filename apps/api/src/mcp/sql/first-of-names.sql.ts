/**
 * The assistant that each of these names stands for: the first by id, as names may repeat.
 *
 * Raw SQL: one look-up in an index per name, however many assistants share it. $1 names.
 */
/** @param condition of the assistants that are meant, whose values stand after $1 */
export function firstOfNames(condition: string): string {
  return `
SELECT given.name, found.assistant_id
FROM unnest($1::text[]) AS given(name)
JOIN LATERAL (
  SELECT assistant_id FROM assistant
  WHERE assistant.name = given.name AND hidden_at IS NULL AND ${condition}
  ORDER BY assistant_id
  LIMIT 1
) AS found ON true`;
}

export interface FirstOfNameRow {
  name: string;
  assistant_id: string;
}
