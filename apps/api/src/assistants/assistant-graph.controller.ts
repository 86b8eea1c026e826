/**
 * Routes that describe the graph of an assistant.
 */
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { IsBoolean, IsOptional } from 'class-validator';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { AsBoolean, FieldRule } from '../http/field-rules.js';
import { ReadAs } from '../http/read-fields.js';
import { ValidQuery } from '../http/validated.js';
import {
  AssistantGraphService,
  type GraphSchemaAnswer,
  type SubgraphSchemaAnswer,
} from './assistant-graph.service.js';

export class GraphQuery {
  @IsOptional()
  @ReadAs(toXray)
  @FieldRule(
    'isXray',
    'must be true, false or a whole number: the depth down to which subgraphs are drawn',
    { anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 0 }] },
    (value) => typeof value === 'boolean' || (Number.isInteger(value) && Number(value) >= 0),
  )
  xray?: boolean | number;
}

export class SubgraphsQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  recurse?: boolean;
}

@Controller('assistants/:assistant_id')
export class AssistantGraphController {
  constructor(@Inject(AssistantGraphService) private readonly graphs: AssistantGraphService) {}

  @Get('graph')
  async draw(
    @Param('assistant_id') idOrGraph: string,
    @ValidQuery(GraphQuery) query: GraphQuery,
    @Access() access: RequestAccess,
  ): Promise<unknown> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.graphs.draw(idOrGraph, query.xray ?? false);
  }

  @Get('schemas')
  async schemas(
    @Param('assistant_id') idOrGraph: string,
    @Access() access: RequestAccess,
  ): Promise<GraphSchemaAnswer> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.graphs.schemas(idOrGraph);
  }

  @Get('subgraphs')
  async subgraphs(
    @Param('assistant_id') idOrGraph: string,
    @ValidQuery(SubgraphsQuery) query: SubgraphsQuery,
    @Access() access: RequestAccess,
  ): Promise<Record<string, SubgraphSchemaAnswer>> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.graphs.subgraphs(idOrGraph, undefined, query.recurse ?? false);
  }

  @Get('subgraphs/:namespace')
  async subgraph(
    @Param('assistant_id') idOrGraph: string,
    @Param('namespace') namespace: string,
    @ValidQuery(SubgraphsQuery) query: SubgraphsQuery,
    @Access() access: RequestAccess,
  ): Promise<Record<string, SubgraphSchemaAnswer>> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.graphs.subgraphs(idOrGraph, namespace, query.recurse ?? false);
  }
}

/** 1 is a depth here, not a yes. */
function toXray(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}
