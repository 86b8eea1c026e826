/**
 * Assistants: one per graph is made by the system, its id derived from the graph's name.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type Assistant, type JsonObject, type RunConfig } from '@longrun/contracts';
import { Prisma, PrismaClient } from '@longrun/database';
import type { GraphRegistry } from '@longrun/graphs';
import { v5 as nameToUuid, validate as isUuid } from 'uuid';
import { GRAPHS } from '../tokens.js';
import type { AssistantSearchDto } from './assistant-search.dto.js';

/** Source: RFC 4122, the URL name space; the platform derives the ids of its system assistants from it. */
const ASSISTANT_NAMESPACE = '6ba7b821-9dad-11d1-80b4-00c04fd430c8';

type AssistantRow = Prisma.AssistantGetPayload<object>;

@Injectable()
export class AssistantsService {
  /** Assistants that runs were created with; they change by a PATCH only, which this version does not have. */
  readonly #cache = new Map<string, Assistant>();

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(GRAPHS) private readonly graphs: GraphRegistry,
  ) {}

  /** Makes the system assistant of every graph that has none. Safe to run by several processes at once. */
  async registerSystemAssistants(): Promise<void> {
    const data = [...this.graphs.graphs.values()].map((graph) => ({
      id: systemAssistantId(graph.id),
      graphId: graph.id,
      name: graph.id,
      description: graph.description ?? null,
      metadata: { created_by: 'system' },
    }));
    await this.prisma.assistant.createMany({ data, skipDuplicates: true });
  }

  /** By id, or by the name of a graph. @throws LongrunError ASSISTANT_NOT_FOUND */
  async get(idOrGraph: string): Promise<Assistant> {
    const id = isUuid(idOrGraph) ? idOrGraph : systemAssistantId(idOrGraph);
    const row = await this.prisma.assistant.findUnique({ where: { id } });
    if (!row)
      throw new LongrunError('ASSISTANT_NOT_FOUND', 'Assistant not found', {
        details: { assistant_id: idOrGraph },
      });
    return toAssistant(row);
  }

  /** As `get`, for a new run: the graph must be here too. */
  async getForRun(idOrGraph: string): Promise<Assistant> {
    const cached = this.#cache.get(idOrGraph);
    if (cached) return cached;
    const assistant = await this.get(idOrGraph).catch((error: unknown) => {
      if (!(error instanceof LongrunError)) throw error;
      const known = [...this.graphs.graphs.keys()].join(', ') || 'none';
      throw new LongrunError(
        'ASSISTANT_NOT_FOUND',
        `assistant_id: No assistant found for "${idOrGraph}". Make sure that it is the id of an assistant or the name of a graph (known graphs: ${known}).`,
      );
    });
    if (!this.graphs.graphs.has(assistant.graph_id)) {
      throw new LongrunError(
        'ASSISTANT_NOT_FOUND',
        `assistant_id: The graph "${assistant.graph_id}" of assistant ${assistant.assistant_id} is not in langgraph.json any more.`,
      );
    }
    this.#cache.set(idOrGraph, assistant);
    return assistant;
  }

  async search(dto: AssistantSearchDto): Promise<{ assistants: Assistant[]; total: number }> {
    const where = [Prisma.sql`true`];
    if (dto.graph_id) where.push(Prisma.sql`graph_id = ${dto.graph_id}`);
    if (dto.name) where.push(Prisma.sql`name ILIKE ${`%${escapeLike(dto.name)}%`}`);
    if (dto.metadata) where.push(Prisma.sql`metadata @> ${JSON.stringify(dto.metadata)}::jsonb`);
    const condition = Prisma.join(where, ' AND ');
    const order = Prisma.raw(`"${dto.sort_by ?? 'created_at'}" ${dto.sort_order === 'asc' ? 'ASC' : 'DESC'}`);
    // Containment in jsonb is beyond Prisma's filters; ids come by SQL, rows by the client.
    const ids = await this.prisma.$queryRaw<{ assistant_id: string; total: bigint }[]>(
      Prisma.sql`SELECT assistant_id, count(*) OVER () AS total FROM assistant WHERE ${condition}
        ORDER BY ${order}, assistant_id LIMIT ${dto.limit ?? 10} OFFSET ${dto.offset ?? 0}`,
    );
    const rows = await this.prisma.assistant.findMany({
      where: { id: { in: ids.map((row) => row.assistant_id) } },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    const assistants = ids.flatMap(({ assistant_id: id }) => {
      const row = byId.get(id);
      return row ? [toAssistant(row)] : [];
    });
    return { assistants, total: Number(ids[0]?.total ?? 0) };
  }
}

/** Id of the assistant that the system makes for a graph. */
export function systemAssistantId(graphId: string): string {
  return nameToUuid(graphId, ASSISTANT_NAMESPACE);
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

function toAssistant(row: AssistantRow): Assistant {
  return {
    assistant_id: row.id,
    graph_id: row.graphId,
    config: row.config as RunConfig,
    context: row.context as JsonObject,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    metadata: row.metadata as JsonObject,
    version: row.version,
    name: row.name,
    description: row.description,
  };
}
