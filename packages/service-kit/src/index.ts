/**
 * `@longrun/service-kit`: what the three services share besides their work: configuration, logs, traces, metrics, what is away, and
 * the life of a process.
 *
 * @example
 * const config = loadConfig(WorkerConfig);
 * const log = createLogger('worker', config);
 * const tracing = await startTracing('worker', config, log);
 * stopOnSignal(log, 40_000, () => app.close());
 */
export { addRedisCapabilities, AnswerWatch, Capabilities } from './capabilities/index.js';
export type { CapabilityName, RedisParts } from './capabilities/index.js';
export { ExecutionConfig } from './config/execution-config.js';
export { databaseUrls, type DatabaseUrls } from './config/database-config.js';
export { ConfigError, loadConfig } from './config/load-config.js';
export { redisSettings, type RedisRole } from './config/redis-config.js';
export {
  BooleanSetting,
  IntegerSetting,
  settingsOf,
  TextSetting,
  type SettingDescription,
} from './config/setting.js';
export { SharedConfig } from './config/shared-config.js';
export { TelemetryConfig } from './config/telemetry-config.js';
export { retentionSettings } from './config/retention-config.js';
export { webhookSettings } from './config/webhook-config.js';
export { readinessOf, streamingBackend, type Readiness, type StreamingBackend } from './health/readiness.js';
export { createLogger, type Logger } from './logs/create-logger.js';
export { readableLine } from './logs/readable-line.js';
export {
  Counter,
  createMetrics,
  Gauge,
  Histogram,
  REDIS_METRICS_PREFIX,
  Registry,
} from './metrics/create-metrics.js';
export { registerPoolMetrics, registerQueueMetrics, type QueueDepth } from './metrics/postgres-metrics.js';
export {
  createDeliveryMetrics,
  createRescueMetrics,
  createRunMetrics,
  registerExecution,
  type RunMetrics,
} from './metrics/run-metrics.js';
export { announceReady, runMain, stopOnSignal, type ReadyMessage } from './process-lifecycle.js';
export { startTracing, type Tracing } from './tracing/start-tracing.js';
