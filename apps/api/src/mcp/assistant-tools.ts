/**
 * Assistants as tools: what each is called, what it says of itself, what it takes.
 *
 * A tool has the name of its assistant; where that is no name of a tool, or stands for another assistant, it has the assistant's id.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Assistant, SqlCondition } from '@longrun/contracts';
import type { GraphRegistry, JsonSchema } from '@longrun/graphs';
import type pg from 'pg';
import { AssistantGraphService } from '../assistants/assistant-graph.service.js';
import type { AssistantSearchDto } from '../assistants/assistant-search.dto.js';
import { AssistantSearchService } from '../assistants/assistant-search.service.js';
import type { RequestAccess } from '../auth/request-access.js';
import { systemAssistantId } from '../assistants/system-assistant-id.js';
import { GRAPHS, POOL } from '../tokens.js';
import { firstOfNames, type FirstOfNameRow } from './sql/first-of-names.sql.js';

/** Source: the specification of MCP. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const PAGE = 100;
/** Schemas that are remembered. */
const MOST_SCHEMAS = 500;
/** The types of a TypeScript graph take a compiler, one graph after the other: what is not there by then is told by the next list. */
const TYPES_WITHIN_MS = 3_000;

export interface AssistantTool {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema & { type: 'object' };
  _meta: { assistant_id: string; graph_id: string };
}

@Injectable()
export class AssistantTools {
  readonly #schemas = new Map<string, Promise<JsonSchema | null>>();

  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(GRAPHS) private readonly graphs: GraphRegistry,
    @Inject(AssistantSearchService) private readonly finder: AssistantSearchService,
    @Inject(AssistantGraphService) private readonly describer: AssistantGraphService,
  ) {}

  /**
   * A page of tools that the caller may know of, oldest first.
   *
   * @returns also the offset of the next page, if there is one
   */
  async list(
    offset: number,
    access: RequestAccess,
  ): Promise<{ tools: AssistantTool[]; next: number | null }> {
    const wish: AssistantSearchDto = { sort_by: 'created_at', sort_order: 'asc', limit: PAGE, offset };
    const meant = await access.askToSearch('assistants:search', wish);
    const page = await this.finder.search(wish, meant, { limit: PAGE, offset, countsAll: false });
    const served = page.items.filter(({ graph_id: graphId }) => this.graphs.graphs.has(graphId));
    const owners = await this.#owners(
      served.map(({ name }) => name),
      meant,
    );
    const inTime = AbortSignal.timeout(TYPES_WITHIN_MS);
    const tools = await Promise.all(
      served.map(async (assistant): Promise<AssistantTool> => {
        const { assistant_id: id, graph_id: graphId, name } = assistant;
        return {
          name: owners.get(name) === id ? name : id,
          title: name,
          description: this.#describe(assistant),
          inputSchema: toInputSchema(await this.#inputSchema(assistant, inTime)),
          _meta: { assistant_id: id, graph_id: graphId },
        };
      }),
    );
    return { tools, next: page.next };
  }

  /** Id or graph of the assistant that a tool's name stands for; the name itself when it is none. */
  async assistantOf(toolName: string, access: RequestAccess): Promise<string> {
    const meant = await access.askToSearch('assistants:search', {});
    return (await this.#owners([toolName], meant)).get(toolName) ?? toolName;
  }

  /** The name of a graph is that of its own assistant. */
  async #owners(names: readonly string[], meant: SqlCondition | null): Promise<Map<string, string>> {
    const wanted = [...new Set(names)].filter((name) => TOOL_NAME.test(name));
    const values: unknown[] = [wanted];
    const condition = meant ? meant('assistant.metadata', (value) => `$${values.push(value)}`) : 'true';
    const { rows } = await this.pool.query<FirstOfNameRow>(firstOfNames(condition), values);
    const owners = new Map(rows.map(({ name, assistant_id: id }) => [name, id]));
    for (const name of wanted) if (this.graphs.graphs.has(name)) owners.set(name, systemAssistantId(name));
    return owners;
  }

  #describe({ description, graph_id: graphId, name }: Assistant): string {
    const ofGraph = this.graphs.graphs.get(graphId)?.description;
    return (
      description ?? ofGraph ?? `Runs the agent "${name}" (graph "${graphId}") and returns its final state.`
    );
  }

  async #inputSchema(assistant: Assistant, inTime: AbortSignal): Promise<JsonSchema | null> {
    const late = new Promise<'late'>((resolve) => {
      inTime.addEventListener('abort', () => resolve('late'), { once: true });
    });
    const schema = await Promise.race([this.#typedInputSchema(assistant), late]);
    return schema === 'late' ? this.describer.inputSchemaOf(assistant, 'untyped').catch(() => null) : schema;
  }

  #typedInputSchema(assistant: Assistant): Promise<JsonSchema | null> {
    const key = `${assistant.assistant_id} ${assistant.version} ${assistant.updated_at}`;
    const known = this.#schemas.get(key);
    if (known) return known;
    const schema = this.describer.inputSchemaOf(assistant, 'typed').catch(() => {
      // A graph that cannot be made now may be made later.
      this.#schemas.delete(key);
      return null;
    });
    this.#schemas.set(key, schema);
    const [oldest] = this.#schemas.keys();
    if (this.#schemas.size > MOST_SCHEMAS && oldest !== undefined) this.#schemas.delete(oldest);
    return schema;
  }
}

/** What MCP asks of an input schema: an object, whose properties are described by objects. */
function toInputSchema(schema: JsonSchema | null): AssistantTool['inputSchema'] {
  if (schema === null) return { type: 'object' };
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return { ...schema, type: 'object' };
  const described = Object.entries(properties).map(([name, of]) => [
    name,
    of === true ? {} : (of as unknown),
  ]);
  return { ...schema, type: 'object', properties: Object.fromEntries(described) as JsonSchema };
}
