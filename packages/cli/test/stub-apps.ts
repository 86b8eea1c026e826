/**
 * Stand-ins for the processes of a stack, which do nothing but answer: to test what starts and stops them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const COMMON = `
import { createServer } from 'node:http';
const name = process.argv[1].split('/').at(-3);
const grace = Number(process.env.STUB_STOP_MS ?? 0);
const stop = () => { console.log(name, 'stopping'); setTimeout(() => process.exit(0), grace); };
process.on('SIGTERM', stop);
process.on('disconnect', stop);
if (process.env.STUB_FAILS === name) { console.error('stub failure of ' + name); process.exit(3); }
if (process.argv.includes('--once')) { console.log(name, 'swept'); process.exit(Number(process.env.STUB_EXIT ?? 0)); }
const server = createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify([{ graph_id: 'agent' }, { graph_id: 'writer' }]));
});
server.listen(Number(process.env.PORT ?? process.env.HEALTH_PORT ?? 0), '127.0.0.1', () => {
  console.log(name, 'ready', process.env.LANGGRAPH_CONFIG_PATH);
  process.send({ type: 'ready', url: 'http://127.0.0.1:' + server.address().port, ...(name === 'worker' ? { id: crypto.randomUUID() } : {}) });
});
`;

/** Writes the stand-ins below `root`, where LONGRUN_APPS_ROOT points, and a langgraph.json; returns its path. */
export function writeStubApps(root: string): string {
  for (const app of ['api', 'worker', 'sweeper']) {
    const folder = join(root, 'apps', app, 'dist');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.js'), COMMON);
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  const config = join(root, 'langgraph.json');
  writeFileSync(config, '{"graphs":{}}');
  return config;
}
