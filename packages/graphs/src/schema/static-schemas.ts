/**
 * Schemas from the TypeScript of a graph's file. The compiler takes seconds of CPU and hundreds of megabytes, so it works in a
 * child process: one at a time, each graph once for each content of its file, and for a bounded time.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS } from '@longrun/contracts';
import type { GraphInfo } from '../registry/graph-registry.js';
import type { JsonSchema } from './schemas.js';

/** By `export` and by `export|node|…` for its subgraphs. */
export type FileSchemas = Record<
  string,
  Record<'state' | 'input' | 'output' | 'config', JsonSchema | undefined>
>;

/** What the child process is asked. */
export interface SchemaRequest {
  sourceFile: string;
  exportSymbol: string;
}

/** A failure may be due to a loaded machine: it is believed for this long. */
const FAILURE_KEPT_MS = 60_000;

interface Entry {
  contentHash: string;
  schemas: Promise<FileSchemas | undefined>;
  /** When a failure may be tried again; monotonic. */
  retryAt: number;
}

export interface StaticSchemasOptions {
  /** Longest time of one extraction. Default 30 s. */
  timeoutMs?: number;
  /** Told of an extraction that failed; clients get what is known without. */
  onFailure?: (info: GraphInfo, error: unknown) => void;
}

export class StaticSchemas {
  private readonly entries = new Map<string, Entry>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: StaticSchemasOptions = {}) {}

  /**
   * Schemas of a graph or, by the path of its nodes, of a graph inside it. Undefined when its file is not TypeScript, or
   * does not tell.
   */
  async of(info: GraphInfo, path: readonly string[]): Promise<FileSchemas[string] | undefined> {
    const { sourceFile, exportName } = info;
    if (sourceFile === undefined || exportName === undefined || !/\.[cm]?tsx?$/.test(sourceFile)) {
      return undefined;
    }
    const text = await readFile(sourceFile, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const contentHash = createHash('sha256').update(text).digest('hex');
    const schemas = await this.ofContent(info, { sourceFile, exportSymbol: exportName }, contentHash);
    return schemas?.[[exportName, ...path].join('|')];
  }

  private ofContent(
    info: GraphInfo,
    request: SchemaRequest,
    contentHash: string,
  ): Promise<FileSchemas | undefined> {
    const key = `${request.sourceFile}:${request.exportSymbol}`;
    const known = this.entries.get(key);
    if (known?.contentHash === contentHash && performance.now() < known.retryAt) return known.schemas;
    const entry: Entry = { contentHash, retryAt: Infinity, schemas: Promise.resolve(undefined) };
    entry.schemas = this.inTurn(() => this.extract(request)).catch((error: unknown) => {
      entry.retryAt = performance.now() + FAILURE_KEPT_MS;
      this.options.onFailure?.(info, error);
      return undefined;
    });
    this.entries.set(key, entry);
    return entry.schemas;
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private extract(request: SchemaRequest): Promise<FileSchemas> {
    const timeoutMs = this.options.timeoutMs ?? LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./static-schemas.process.js', import.meta.url)), {
        // What the compiler complains about is of no use to whoever reads our log.
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      child.once('message', (message) => resolve(message as FileSchemas));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const why =
          signal === null ? `ended with code ${code}` : `was stopped by ${signal} (limit ${timeoutMs} ms)`;
        reject(new Error(`The TypeScript of ${request.sourceFile} could not be read: the compiler ${why}.`));
      });
      child.send(request, (error) => {
        if (error) reject(error);
      });
    });
  }
}
