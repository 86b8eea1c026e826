/**
 * LangGraph alone as a process: the graph is streamed here, without a checkpointer, and its events are counted.
 */
import { createServer } from 'node:http';
import { loadGraphs } from '@longrun/graphs';
import { nowMs } from '../harness/clock.js';
import { GRAPHS_CONFIG } from './contender.js';

const registry = await loadGraphs(GRAPHS_CONFIG);
const graph = await registry.resolve('tokens', {});

/** Events per second from the moment at which the first was said to the arrival of the last. */
async function measure(count: number): Promise<number> {
  let saidAt = NaN;
  let seen = 0;
  for await (const chunk of await graph.stream({ count, everyMs: 0, gate: null }, { streamMode: 'custom' })) {
    if (seen === 0) saidAt = (chunk as unknown as { at: number }).at;
    seen += 1;
  }
  return seen / ((nowMs() - saidAt) / 1_000);
}

createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  const measured =
    url.pathname === '/tokens' ? measure(Number(url.searchParams.get('count'))) : Promise.resolve(0);
  void measured.then((eventsPerSecond) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ eventsPerSecond }));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
process.once('disconnect', () => process.exit());
