/**
 * What the graph of an assistant looks like: its drawing, its schemas, those of its subgraphs. A graph that is made by a
 * factory is made with the assistant's config, as for a run.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type Assistant } from '@longrun/contracts';
import {
  drawGraph,
  graphSchemas,
  StaticSchemas,
  subgraphSchemas,
  type DescribedGraph,
  type GraphRegistry,
  type JsonSchema,
  type Schemas,
} from '@longrun/graphs';
import type { Logger } from '@longrun/service-kit';
import { ApiConfig } from '../config/api-config.js';
import { GRAPHS, LOGGER } from '../tokens.js';
import { AssistantsService } from './assistants.service.js';

/** Schemas as the platform names them. */
export interface GraphSchemaAnswer {
  graph_id: string;
  input_schema: JsonSchema | null;
  output_schema: JsonSchema | null;
  state_schema: JsonSchema | null;
  config_schema: JsonSchema | null;
  context_schema: JsonSchema | null;
}

/** Of a subgraph also by the short names, which clients of the JavaScript server read. */
export type SubgraphSchemaAnswer = GraphSchemaAnswer & Schemas;

@Injectable()
export class AssistantGraphService {
  readonly #staticSchemas: StaticSchemas;

  constructor(
    @Inject(GRAPHS) private readonly graphs: GraphRegistry,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(ApiConfig) config: ApiConfig,
    @Inject(LOGGER) log: Logger,
  ) {
    this.#staticSchemas = new StaticSchemas({
      timeoutMs: config.LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS,
      onFailure: (info, error) => log.warn({ graphId: info.id, err: error }, 'schemas without types'),
    });
  }

  /** @throws LongrunError ASSISTANT_NOT_FOUND, GRAPH_NOT_SERVED */
  async draw(idOrGraph: string, xray: boolean | number): Promise<unknown> {
    const { graph } = await this.#resolve(idOrGraph);
    return drawGraph(graph, xray);
  }

  /** @throws LongrunError ASSISTANT_NOT_FOUND, GRAPH_NOT_SERVED */
  async schemas(idOrGraph: string): Promise<GraphSchemaAnswer> {
    const { graphId, ...described } = await this.#resolve(idOrGraph);
    return toAnswer(graphId, await graphSchemas(described));
  }

  /** @throws LongrunError ASSISTANT_NOT_FOUND, GRAPH_NOT_SERVED */
  async subgraphs(
    idOrGraph: string,
    namespace: string | undefined,
    recurse: boolean,
  ): Promise<Record<string, SubgraphSchemaAnswer>> {
    const { graphId, ...described } = await this.#resolve(idOrGraph);
    const found = await subgraphSchemas(described, namespace, recurse);
    return Object.fromEntries(
      Object.entries(found).map(([name, schemas]) => [name, { ...toAnswer(graphId, schemas), ...schemas }]),
    );
  }

  /**
   * What runs of an assistant take as input; null when nothing is known.
   *
   * @param depth `untyped`: at once, without the types of its file
   * @throws LongrunError GRAPH_NOT_SERVED
   */
  async inputSchemaOf(assistant: Assistant, depth: 'typed' | 'untyped'): Promise<JsonSchema | null> {
    const described = await this.#describe(assistant);
    return (await graphSchemas(depth === 'typed' ? described : { ...described, info: undefined })).input;
  }

  async #resolve(idOrGraph: string): Promise<DescribedGraph & { graphId: string }> {
    return this.#describe(await this.assistants.get(idOrGraph));
  }

  async #describe(assistant: Assistant): Promise<DescribedGraph & { graphId: string }> {
    const { graph_id: graphId, assistant_id: assistantId, config } = assistant;
    const info = this.graphs.graphs.get(graphId);
    if (!info) {
      throw new LongrunError(
        'GRAPH_NOT_SERVED',
        `The graph "${graphId}" of assistant ${assistantId} is not in langgraph.json any more.`,
      );
    }
    const configurable = { ...config.configurable, graph_id: graphId, assistant_id: assistantId };
    const graph = await this.graphs.resolve(graphId, { ...config, configurable });
    return { graph, info, staticSchemas: this.#staticSchemas, graphId };
  }
}

function toAnswer(graphId: string, schemas: Schemas): GraphSchemaAnswer {
  return {
    graph_id: graphId,
    input_schema: schemas.input,
    output_schema: schemas.output,
    state_schema: schemas.state,
    config_schema: schemas.config,
    context_schema: schemas.context,
  };
}
