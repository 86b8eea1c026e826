/**
 * The assistants that the system makes: one per graph of langgraph.json, with what LANGGRAPH_CONFIG says of it.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { GraphRegistry } from '@longrun/graphs';
import type pg from 'pg';
import { ApiConfig } from '../config/api-config.js';
import { GRAPHS, POOL } from '../tokens.js';
import { parseGraphDefaults } from './graph-defaults.js';
import { REGISTER_SYSTEM_ASSISTANTS } from './sql/register-system-assistants.sql.js';
import { systemAssistantId } from './system-assistant-id.js';

@Injectable()
export class SystemAssistants {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(GRAPHS) private readonly graphs: GraphRegistry,
    @Inject(ApiConfig) private readonly config: ApiConfig,
  ) {}

  /**
   * Makes the missing ones and lets the others follow LANGGRAPH_CONFIG. Safe to run by several processes at once.
   *
   * @throws ConfigError when LANGGRAPH_CONFIG is wrong
   */
  async register(): Promise<void> {
    const defaults = parseGraphDefaults(this.config.LANGGRAPH_CONFIG, [...this.graphs.graphs.keys()]);
    const rows = [...this.graphs.graphs.values()]
      .map((graph) => ({ graph, id: systemAssistantId(graph.id), defaults: defaults.get(graph.id) }))
      // Processes that start together lock the rows in one order.
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.pool.query(REGISTER_SYSTEM_ASSISTANTS, [
      rows.map(({ id }) => id),
      rows.map(({ graph }) => graph.id),
      rows.map(({ graph }) => graph.description ?? null),
      rows.map((row) => JSON.stringify(row.defaults?.config ?? {})),
      rows.map((row) => JSON.stringify(row.defaults?.context ?? {})),
      rows.map((row) => JSON.stringify(row.defaults?.source ?? {})),
    ]);
  }

  /** Whether this is the assistant of a graph that is served now. */
  isSystem(assistantId: string): boolean {
    return [...this.graphs.graphs.keys()].some((graphId) => systemAssistantId(graphId) === assistantId);
  }
}
