import { describe, expect, it } from '@jest/globals';
import { withLogIds } from '@longrun/telemetry';
import { createLogger } from './create-logger.js';

function logged(format: 'json' | 'pretty', say: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  say(createLogger('worker', { LOG_LEVEL: 'info', LOG_FORMAT: format }, { write: (line) => (text += line) }));
  return text;
}

describe('the logger', () => {
  it('writes one JSON object per line, with the ids of the work that a line is said for', () => {
    const text = logged('json', (log) => {
      withLogIds({ runId: 'r', threadId: 't', attempt: 1, traceId: 'f' }, () =>
        log.warn({ attempt: 2 }, 'late'),
      );
      log.info('idle');
    });
    const [first, second, rest] = text.split('\n');
    expect(JSON.parse(first ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      service: 'worker',
      pid: process.pid,
      runId: 'r',
      threadId: 't',
      attempt: 2,
      traceId: 'f',
      msg: 'late',
    });
    expect(JSON.parse(second ?? '')).not.toHaveProperty('runId');
    expect(rest).toBe('');
  });

  it('writes for people when it is told to', () => {
    const text = logged('pretty', (log) => withLogIds({ runId: 'r' }, () => log.info({ n: 1 }, 'run ended')));
    expect(text).toMatch(/^\d\d:\d\d:\d\d info run ended runId=r n=1\n$/);
  });
});
