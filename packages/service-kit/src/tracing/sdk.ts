/**
 * The SDK of OpenTelemetry, put together from the parts that are needed: loaded by `start-tracing.ts` alone, and only when traces are on.
 */
import { randomUUID } from 'node:crypto';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../config/telemetry-config.js';
import type { Logger } from '../logs/create-logger.js';
import { ReportingExporter } from './reporting-exporter.js';
import type { Tracing } from './start-tracing.js';

/** A collector that does not answer must not hold up a process that stops. */
const FLUSH_LIMIT_MS = 2_000;

export async function startSdk(service: string, config: TelemetryConfig, log: Logger): Promise<Tracing> {
  const exporter = new ReportingExporter(await otlpExporter(config.OTEL_EXPORTER_OTLP_PROTOCOL), log);
  const processor = new BatchSpanProcessor(exporter);
  // Sampler and limits are read from the environment by the provider, address and headers by the exporter.
  const provider = new BasicTracerProvider({
    resource: resourceOf(service, config.OTEL_SERVICE_NAME),
    spanProcessors: [processor],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    isOn: true,
    flush: () => within(FLUSH_LIMIT_MS, provider.forceFlush()),
    stop: () => within(FLUSH_LIMIT_MS, provider.shutdown()),
  };
}

/** One of two, so that only that one is loaded. */
async function otlpExporter(protocol: string): Promise<SpanExporter> {
  if (protocol === 'http/json') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new OTLPTraceExporter();
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

/** Names by the semantic conventions for resources; `OTEL_RESOURCE_ATTRIBUTES` may add to them. */
function resourceOf(service: string, name: string | undefined): Resource {
  const own = resourceFromAttributes({
    'service.name': name ?? `longrun-${service}`,
    'service.namespace': 'longrun',
    'service.instance.id': randomUUID(),
    'process.pid': process.pid,
    'longrun.service': service,
  });
  return own.merge(detectResources({ detectors: [envDetector] }));
}

/** Never rejects: the exporter has said what is wrong. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
