/**
 * Structured logs: one JSON object per line, with the ids that a line is about as fields; or lines for a person at a terminal.
 */
import { logIds } from '@longrun/telemetry';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { TelemetryConfig } from '../config/telemetry-config.js';
import { readableLine } from './readable-line.js';

export type { Logger } from 'pino';

/**
 * The ids of the run that a line is said for come from `withLogIds` and the active span; what the line itself says wins.
 *
 * @param service name of the process in every line
 * @param config `LOG_FORMAT` is by default `pretty` at a terminal, `json` elsewhere
 * @param out where lines go. Default: the standard output
 */
export function createLogger(
  service: string,
  config: Pick<TelemetryConfig, 'LOG_LEVEL' | 'LOG_FORMAT'>,
  out?: DestinationStream,
): Logger {
  const options = {
    level: config.LOG_LEVEL,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['*.password', '*.authorization', '*["x-api-key"]'],
    mixin: logIds,
  };
  const format = config.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json');
  if (format === 'json') return out ? pino(options, out) : pino(options);
  return pino(options, readable(out ?? process.stdout));
}

function readable(out: DestinationStream): DestinationStream {
  return { write: (line) => out.write(`${readableLine(line.trimEnd())}\n`) };
}
