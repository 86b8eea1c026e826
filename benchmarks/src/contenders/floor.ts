/**
 * The floor of every path: a bare Node server that answers the same requests with nothing behind it.
 */
import type { Contender } from './contender.js';
import { startHelperServer } from './helper-server.js';

export function startFloor(): Promise<Contender> {
  return startHelperServer({ name: 'floor', kind: 'floor' }, 'floor.process.js', (port) => [String(port)]);
}
