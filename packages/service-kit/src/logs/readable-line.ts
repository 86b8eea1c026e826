/**
 * A line of a server's log for a person at a terminal. What is no such line, as what a graph prints, stays as it is.
 */

/** The line, with the time of day, level, message and the other fields. */
export function readableLine(line: string): string {
  const record = parse(line);
  if (record === undefined) return line;
  const { level, time, msg, service: _service, pid: _pid, err, ...rest } = record;
  const fields = Object.entries(rest).map(([name, value]) => ` ${name}=${textOf(value)}`);
  const error = err === undefined ? '' : `\n${errorText(err)}`;
  return `${String(time).slice(11, 19)} ${String(level)} ${textOf(msg ?? '')}${fields.join('')}${error}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function errorText(err: unknown): string {
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  return textOf(stack ?? message ?? err);
}
