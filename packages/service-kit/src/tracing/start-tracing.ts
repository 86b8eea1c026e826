/**
 * Switches traces on when the standard variables of OpenTelemetry ask for them. Otherwise nothing of its SDK is loaded.
 */
import type { TelemetryConfig } from '../config/telemetry-config.js';
import type { Logger } from '../logs/create-logger.js';

export interface Tracing {
  readonly isOn: boolean;
  /** Sends what waits. Bounded in time; never rejects. */
  flush(): Promise<void>;
  /** The same, and nothing more after it. */
  stop(): Promise<void>;
}

const OFF: Tracing = { isOn: false, flush: async () => undefined, stop: async () => undefined };

/**
 * To be called first: spans that begin before are lost.
 *
 * @param service api, worker or sweeper
 */
export async function startTracing(service: string, config: TelemetryConfig, log: Logger): Promise<Tracing> {
  if (!isWanted(config)) return OFF;
  const { startSdk } = await import('./sdk.js');
  return startSdk(service, config, log);
}

function isWanted(config: TelemetryConfig): boolean {
  if (config.OTEL_SDK_DISABLED) return false;
  const endpoint = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT;
  return (config.OTEL_TRACES_EXPORTER ?? (endpoint === undefined ? 'none' : 'otlp')) === 'otlp';
}
