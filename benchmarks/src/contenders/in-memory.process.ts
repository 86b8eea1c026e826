/**
 * The process that the development server runs below: the server prints to whatever its parent prints to.
 */
import { spawnServer } from '@langchain/langgraph-api';
import { inheritedEnvironment } from '../config/environment.js';
import type { InMemoryArguments } from './in-memory.js';

const { port, cwd, graphs } = JSON.parse(process.argv[2] ?? '') as InMemoryArguments;
const server = await spawnServer(
  { host: '127.0.0.1', port: String(port), nJobsPerWorker: '10', reload: false },
  { config: { graphs }, env: inheritedEnvironment(), hostUrl: 'http://127.0.0.1' },
  { pid: process.pid, projectCwd: cwd },
);
server.once('exit', (code) => process.exit(code ?? 1));
process.once('disconnect', () => {
  server.kill('SIGKILL');
});
