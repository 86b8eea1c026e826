/**
 * LangGraph alone: what a graph says when nobody but a loop listens.
 */
import type { Contender } from './contender.js';
import { startHelperServer } from './helper-server.js';

/** Its only request is `POST /tokens?count=…`, answered with `{eventsPerSecond}`. */
export function startAlone(): Promise<Contender> {
  return startHelperServer({ name: 'LangGraph alone', kind: 'alone' }, 'alone.process.js', (port) => [
    String(port),
  ]);
}
