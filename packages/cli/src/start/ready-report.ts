/**
 * What a person sees when the stack is ready: where it is, what it serves, and two ways to try it.
 */
import type { Stack } from './stack.js';

/** The report, for a terminal. The SDK example and the curl line work when pasted. */
export function readyReport(stack: Stack, assistants: readonly string[], dataDir: string): string {
  const url = stack.apis[0]?.url ?? '';
  const assistant = assistants.includes('agent') ? 'agent' : (assistants[0] ?? 'agent');
  const input = { messages: [{ role: 'user', content: 'What is 6 * 7?' }] };
  const request = JSON.stringify({ assistant_id: assistant, input, stream_mode: 'updates' });
  const processes =
    stack.redis === null
      ? 'single mode, one process'
      : `${count(stack.apis.length, 'api')}, ${count(stack.workers.length, 'worker')}, ${count(stack.sweepers.length, 'sweeper')}`;
  return `
Longrun is ready: ${stack.apis.map((api) => api.url).join('  ')}
  ${processes}; data and logs in ${dataDir}
  assistants: ${assistants.length === 0 ? '(none)' : assistants.join(', ')}

Try it from Node (npm install @langchain/langgraph-sdk; paste into try.mjs; node try.mjs):

const { Client } = await import('@langchain/langgraph-sdk');
const client = new Client({ apiUrl: '${url}' });
for await (const chunk of client.runs.stream(null, '${assistant}', { input: ${JSON.stringify(input)} })) console.log(chunk.event, chunk.data);

Or from a shell:

curl -sN ${url}/runs/stream -H 'content-type: application/json' -d '${request}'

Ctrl-C stops everything.
`;
}

/** Names of the graphs that an api serves; empty when it does not say. */
export async function listAssistants(url: string): Promise<string[]> {
  try {
    const response = await fetch(`${url}/assistants/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ limit: 100 }),
      signal: AbortSignal.timeout(5_000),
    });
    const assistants = (await response.json()) as { graph_id: string }[];
    return [...new Set(assistants.map(({ graph_id }) => graph_id))].sort();
  } catch {
    return [];
  }
}

function count(n: number, name: string): string {
  return `${String(n)} ${name}${n === 1 ? '' : 's'}`;
}
