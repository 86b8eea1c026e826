/**
 * Assistants: graphs with a configuration, in versions.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type Assistant, type AssistantVersion } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import type pg from 'pg';
import type { RequestAccess } from '../auth/request-access.js';
import type { IdempotentId } from '../http/idempotency.service.js';
import { GRAPHS, POOL } from '../tokens.js';
import { assistantNotFound } from './assistant-not-found.js';
import type { AssistantVersionsDto } from './assistant-search.dto.js';
import type { AssistantCreateDto, AssistantPatchDto } from './assistant-write.dto.js';
import {
  toAssistant,
  toAssistantVersion,
  type AssistantRow,
  type AssistantVersionRow,
  type StampedAssistantRow,
} from './sql/assistant-row.js';
import { FIND_ASSISTANT } from './sql/find-assistant.sql.js';
import { INSERT_ASSISTANT } from './sql/insert-assistant.sql.js';
import { LIST_VERSIONS } from './sql/list-versions.sql.js';
import { PATCH_ASSISTANT } from './sql/patch-assistant.sql.js';
import { SET_LATEST_VERSION } from './sql/set-latest-version.sql.js';
import { toAssistantId } from './system-assistant-id.js';
import { SystemAssistants } from './system-assistants.js';

/** Source: the platform. */
const DEFAULT_NAME = 'Untitled';
const DEFAULT_VERSIONS = 10;

/** Assistants that are remembered. */
const MOST_SEEN = 200;

export interface StampedAssistant {
  readonly assistant: Assistant;
  readonly stamp: string;
}

@Injectable()
export class AssistantsService {
  readonly #seen = new Map<string, StampedAssistant>();

  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(GRAPHS) private readonly graphs: GraphRegistry,
    @Inject(SystemAssistants) private readonly system: SystemAssistants,
  ) {}

  /** By id, or by the name of a graph. @throws LongrunError ASSISTANT_NOT_FOUND */
  async get(idOrGraph: string): Promise<Assistant> {
    return toAssistant(await this.#find(idOrGraph));
  }

  async #find(idOrGraph: string): Promise<StampedAssistantRow> {
    const { rows } = await this.pool.query<StampedAssistantRow>({
      name: 'find-assistant',
      text: FIND_ASSISTANT,
      values: [toAssistantId(idOrGraph)],
    });
    if (!rows[0]) throw assistantNotFound(idOrGraph);
    return rows[0];
  }

  /** As `get`, for a new run: the graph must be here too. */
  async getForRun(idOrGraph: string): Promise<Assistant> {
    return toAssistant(await this.#findForRun(idOrGraph));
  }

  /**
   * As `getForRun`, perhaps as it was at an earlier run: another api may have changed it since. The run is created with its stamp, which tells.
   *
   * @param anew read it from Postgres
   */
  async getStamped(idOrGraph: string, anew: boolean): Promise<StampedAssistant> {
    const seen = anew ? undefined : this.#seen.get(idOrGraph);
    if (seen) return seen;
    this.#seen.delete(idOrGraph);
    const row = await this.#findForRun(idOrGraph);
    const stamped = { assistant: toAssistant(row), stamp: row.stamp };
    this.#seen.set(idOrGraph, stamped);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST_SEEN && oldest !== undefined) this.#seen.delete(oldest);
    return stamped;
  }

  /**
   * Whether the caller may have the assistant run. Those of graphs are everybody's: no user has made them.
   *
   * @throws LongrunError ASSISTANT_NOT_FOUND
   */
  async askForRun(
    idOrGraph: string,
    access: RequestAccess,
    notFound: () => LongrunError = () => this.#unknown(idOrGraph),
  ): Promise<void> {
    if (!access.caller || this.system.isSystem(toAssistantId(idOrGraph))) return;
    await access.askForAssistant('assistants:read', idOrGraph, undefined, notFound);
  }

  #unknown(idOrGraph: string): LongrunError {
    return new LongrunError(
      'ASSISTANT_NOT_FOUND',
      `assistant_id: No assistant found for "${idOrGraph}". Make sure that it is the id of an assistant or the name of a graph (known graphs: ${this.#knownGraphs()}).`,
    );
  }

  async #findForRun(idOrGraph: string): Promise<StampedAssistantRow> {
    const assistant = await this.#find(idOrGraph).catch((error: unknown) => {
      throw error instanceof LongrunError ? this.#unknown(idOrGraph) : error;
    });
    if (!this.graphs.graphs.has(assistant.graph_id)) {
      throw new LongrunError(
        'ASSISTANT_NOT_FOUND',
        `assistant_id: The graph "${assistant.graph_id}" of assistant ${assistant.assistant_id} is not in langgraph.json any more.`,
      );
    }
    return assistant;
  }

  /** @throws LongrunError GRAPH_NOT_SERVED, ASSISTANT_EXISTS unless `if_exists` is do_nothing */
  async create(
    dto: AssistantCreateDto,
    { id, isOurs }: IdempotentId,
    access: RequestAccess,
  ): Promise<Assistant> {
    this.#checkGraph(dto.graph_id);
    const wish = { ...dto, assistant_id: id, metadata: dto.metadata ?? {} };
    const meant = await access.ask('assistants:create', wish);
    const { rows } = await this.pool.query<AssistantRow>(INSERT_ASSISTANT, [
      id,
      dto.graph_id,
      dto.name ?? DEFAULT_NAME,
      dto.description ?? null,
      JSON.stringify(dto.config ?? {}),
      JSON.stringify(dto.context ?? {}),
      JSON.stringify(wish.metadata),
    ]);
    if (rows[0]) return toAssistant(rows[0]);
    const isHidden = (await access.refusedOf('assistant', [id], meant)).size > 0;
    if (!isHidden && (isOurs || dto.if_exists === 'do_nothing')) return this.get(id);
    throw new LongrunError('ASSISTANT_EXISTS', `assistant_id: Assistant ${id} exists already`, {
      details: { field: 'assistant_id' },
    });
  }

  /**
   * What is given replaces what there is, metadata is merged; the result is the next version.
   *
   * @throws LongrunError ASSISTANT_NOT_FOUND, GRAPH_NOT_SERVED, ASSISTANT_IS_SYSTEM for another graph
   */
  async patch(idOrGraph: string, dto: AssistantPatchDto): Promise<Assistant> {
    const id = toAssistantId(idOrGraph);
    if (dto.graph_id) await this.#checkGraphOf(id, dto.graph_id);
    const { rows } = await this.pool.query<AssistantRow>(PATCH_ASSISTANT, [
      id,
      dto.graph_id ?? null,
      dto.name ?? null,
      dto.config ? JSON.stringify(dto.config) : null,
      dto.context ? JSON.stringify(dto.context) : null,
      JSON.stringify(dto.metadata ?? {}),
      dto.description ?? null,
      dto.description !== undefined,
    ]);
    if (!rows[0]) throw assistantNotFound(idOrGraph);
    return toAssistant(rows[0]);
  }

  /** Newest first. @throws LongrunError ASSISTANT_NOT_FOUND */
  async versions(idOrGraph: string, dto: AssistantVersionsDto): Promise<AssistantVersion[]> {
    const { assistant_id: id } = await this.get(idOrGraph);
    const { rows } = await this.pool.query<AssistantVersionRow>(LIST_VERSIONS, [
      id,
      JSON.stringify(dto.metadata ?? {}),
      dto.limit ?? DEFAULT_VERSIONS,
      dto.offset ?? 0,
    ]);
    return rows.map(toAssistantVersion);
  }

  /**
   * Makes a version the current one: graph, config, context, metadata, name and description become what they were in it.
   *
   * @throws LongrunError ASSISTANT_NOT_FOUND, ASSISTANT_VERSION_NOT_FOUND
   */
  async setLatest(idOrGraph: string, version: number): Promise<Assistant> {
    const id = toAssistantId(idOrGraph);
    const { rows } = await this.pool.query<AssistantRow>(SET_LATEST_VERSION, [id, version]);
    if (rows[0]) return toAssistant(rows[0]);
    await this.get(idOrGraph);
    throw new LongrunError('ASSISTANT_VERSION_NOT_FOUND', 'Assistant version not found', {
      details: { assistant_id: id, version },
    });
  }

  #checkGraph(graphId: string): void {
    if (this.graphs.graphs.has(graphId)) return;
    throw new LongrunError(
      'GRAPH_NOT_SERVED',
      `graph_id: No graph is called "${graphId}" (known graphs: ${this.#knownGraphs()}).`,
      { details: { field: 'graph_id' } },
    );
  }

  async #checkGraphOf(id: string, graphId: string): Promise<void> {
    this.#checkGraph(graphId);
    if (!this.system.isSystem(id) || (await this.get(id)).graph_id === graphId) return;
    throw new LongrunError(
      'ASSISTANT_IS_SYSTEM',
      'graph_id: This assistant was made for its graph and stays with it. Create another for the other graph.',
      { details: { field: 'graph_id' } },
    );
  }

  #knownGraphs(): string {
    return [...this.graphs.graphs.keys()].join(', ') || 'none';
  }
}
