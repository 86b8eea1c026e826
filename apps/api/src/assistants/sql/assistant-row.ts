/**
 * Rows of assistants as Postgres returns them, and as clients see them.
 */
import type { Assistant, AssistantVersion, JsonObject, RunConfig } from '@longrun/contracts';

/** The columns that clients see. */
export const ASSISTANT_COLUMNS =
  'assistant_id, graph_id, name, description, config, context, metadata, version, created_at, updated_at';

export interface AssistantVersionRow {
  assistant_id: string;
  graph_id: string;
  name: string;
  description: string | null;
  config: RunConfig;
  context: JsonObject;
  metadata: JsonObject;
  version: number;
  created_at: Date;
}

export interface AssistantRow extends AssistantVersionRow {
  updated_at: Date;
}

/** Also to the microsecond, which a Date is not: no two states of an assistant have the same. */
export interface StampedAssistantRow extends AssistantRow {
  stamp: string;
}

export function toAssistant(row: AssistantRow): Assistant {
  return { ...toAssistantVersion(row), updated_at: row.updated_at.toISOString() };
}

export function toAssistantVersion(row: AssistantVersionRow): AssistantVersion {
  return {
    assistant_id: row.assistant_id,
    graph_id: row.graph_id,
    config: row.config,
    context: row.context,
    created_at: row.created_at.toISOString(),
    metadata: row.metadata,
    version: row.version,
    name: row.name,
    description: row.description,
  };
}
