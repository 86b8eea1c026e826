/**
 * Routes about the server itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { RunEventHub, type RunEventBus } from '@longrun/runs';
import { Gauge, type Registry } from '@longrun/service-kit';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import type pg from 'pg';
import { AsBoolean } from '../http/field-rules.js';
import { ValidQuery } from '../http/validated.js';
import { BUS, METRICS, POOL } from '../tokens.js';

const require = createRequire(import.meta.url);
const version = versionIn(new URL('../../package.json', import.meta.url));
const langgraphVersion = versionIn(require.resolve('@langchain/langgraph/package.json'));

export class OkQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  check_db?: boolean;
}

export class MetricsQuery {
  @IsOptional()
  @IsIn(['prometheus', 'json'])
  format?: 'prometheus' | 'json';
}

@Controller()
export class MetaController {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(RunEventHub) hub: RunEventHub,
  ) {
    const registers = [metrics];
    new Gauge({
      name: 'longrun_open_streams',
      help: 'Readers of run logs.',
      registers,
      collect() {
        this.set(hub.readerCount);
      },
    });
    new Gauge({
      name: 'longrun_events_live',
      help: '1 while events are pushed, 0 while readers poll the log.',
      registers,
      collect() {
        this.set(bus.isLive ? 1 : 0);
      },
    });
  }

  /** With `check_db` also whether Postgres answers. */
  @Get('ok')
  async ok(@ValidQuery(OkQuery) query: OkQuery): Promise<{ ok: true }> {
    if (query.check_db) {
      await this.pool.query('SELECT 1').catch((error: unknown) => {
        throw new LongrunError('POSTGRES_UNAVAILABLE', 'Postgres did not answer in time.', { cause: error });
      });
    }
    return { ok: true };
  }

  @Get('info')
  info(): object {
    return {
      version,
      langgraph_js_version: langgraphVersion,
      context: 'js',
      flags: {
        assistants: true,
        crons: true,
        langsmith: false,
        langsmith_tracing_replicas: false,
        strict_resume: true,
        stream_namespaces: true,
      },
      longrun: { version, events: this.bus.isLive ? 'pushed' : 'polled' },
    };
  }

  @Get('metrics')
  async prometheus(
    @ValidQuery(MetricsQuery) { format }: MetricsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    if (format === 'json') return this.metrics.getMetricsAsJSON();
    void reply.header('content-type', 'text/plain; version=0.0.4');
    return this.metrics.metrics();
  }
}

function versionIn(packageJson: string | URL): string {
  const { version: found } = JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string };
  return found;
}
