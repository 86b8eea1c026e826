/**
 * The JavaScript development server, what users would otherwise run: `langgraph-cli dev` starts it through the same function.
 * It keeps everything in memory.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { GRAPHS_CONFIG, type Contender } from './contender.js';
import { startHelperServer } from './helper-server.js';

/** What `in-memory.process.ts` is told. */
export interface InMemoryArguments {
  readonly port: number;
  /** Where it keeps its files. */
  readonly cwd: string;
  readonly graphs: Record<string, string>;
}

/** Starts it with the default of its command line, ten runs at a time. */
export function startInMemory(): Promise<Contender> {
  return startHelperServer({ name: 'in-memory', kind: 'in-memory' }, 'in-memory.process.js', (port, cwd) => {
    const args: InMemoryArguments = { port, cwd, graphs: graphsSeenFrom(cwd) };
    return [JSON.stringify(args)];
  });
}

/** The graphs with paths from `cwd`: the server takes no absolute ones. */
function graphsSeenFrom(cwd: string): Record<string, string> {
  const { graphs } = JSON.parse(readFileSync(GRAPHS_CONFIG, 'utf8')) as { graphs: Record<string, string> };
  return Object.fromEntries(
    Object.entries(graphs).map(([id, path]) => [id, relative(cwd, resolve(dirname(GRAPHS_CONFIG), path))]),
  );
}
