/**
 * The id of the assistant that the system makes for a graph: derived from the graph's name, the same everywhere.
 */
import { v5 as nameToUuid, validate as isUuid } from 'uuid';

/** Source: RFC 4122, the URL name space; the platform derives the ids of its system assistants from it. */
const ASSISTANT_NAMESPACE = '6ba7b821-9dad-11d1-80b4-00c04fd430c8';

export function systemAssistantId(graphId: string): string {
  return nameToUuid(graphId, ASSISTANT_NAMESPACE);
}

/** The id that a client means: an id, or the name of a graph for its system assistant. */
export function toAssistantId(idOrGraph: string): string {
  return isUuid(idOrGraph) ? idOrGraph.toLowerCase() : systemAssistantId(idOrGraph);
}
