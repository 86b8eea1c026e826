/**
 * The floor as a process: `node:http` alone.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FloorRun, type FloorRequest } from './floor-run.js';

/** Runs that are kept for those who come later. */
const KEPT_RUNS = 5_000;

const runs = new Map<string, FloorRun>();

function create(body: string): FloorRun {
  const run = new FloorRun(randomUUID());
  runs.set(run.runId, run);
  if (runs.size > KEPT_RUNS)
    for (const oldest of [...runs.keys()].slice(0, KEPT_RUNS / 2)) runs.delete(oldest);
  run.start(JSON.parse(body) as FloorRequest);
  return run;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const text of request) body += text as string;
  return body;
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // /threads/<thread>/runs, /threads/<thread>/runs/stream, /threads/<thread>/runs/<run>/{join,stream}
  const [, , threadId, , runId, what] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  if (request.method === 'POST') {
    const run = create(await readBody(request));
    if (runId === 'stream') run.read(response);
    else json(response, { run_id: run.runId, thread_id: threadId, status: 'pending' });
    return;
  }
  const run = runs.get(runId ?? '');
  if (what === 'stream' && run) run.read(response);
  else json(response, {});
}

createServer((request, response) => {
  void answer(request, response);
}).listen(Number(process.argv[2]), '127.0.0.1');
process.once('disconnect', () => process.exit());
