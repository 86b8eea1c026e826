/**
 * Structured logs: one JSON object per line, with the ids that a line is about as fields.
 */
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * @param service name of the process in every line
 * @param level least severe level to write
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.password', '*.authorization', '*["x-api-key"]'],
  });
}
