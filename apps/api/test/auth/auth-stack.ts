/**
 * A stack on which everybody has to say who they are, and callers of it.
 */
import { fileURLToPath } from 'node:url';
import { Client } from '@langchain/langgraph-sdk';
import type { TestStack, TestStackOptions } from '@longrun/test-stack';
import { apiUrl, startStack } from '../support.js';

const CONFIG = fileURLToPath(new URL('../graphs/auth.langgraph.json', import.meta.url));

export function startAuthStack(options: Partial<TestStackOptions> = {}): Promise<TestStack> {
  return startStack({ configPath: CONFIG, apis: 1, workers: 1, ...options });
}

/** An SDK client that says this name; see graphs/auth.ts. */
export function clientAs(stack: TestStack, name: string): Client {
  return new Client({
    apiUrl: apiUrl(stack),
    apiKey: null,
    defaultHeaders: { authorization: `Bearer ${name}` },
    callerOptions: { maxRetries: 0 },
  });
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** One request as this name; null for nobody. */
export async function request(
  stack: TestStack,
  name: string | null,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (name !== null) headers['authorization'] = `Bearer ${name}`;
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(`${apiUrl(stack)}${path}`, {
    method,
    headers,
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
