/**
 * Custom routes are asked for credentials when `http.enable_custom_route_auth` says so; without a word, where API keys are asked for.
 */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import type { TestStack, TestStackOptions } from '@longrun/test-stack';
import { longrun } from '../support.js';
import { request, startAuthStack } from './auth-stack.js';

let stack: TestStack;
afterEach(() => stack.stop());

async function startWith(config: string, options: Partial<TestStackOptions> = {}): Promise<void> {
  const configPath = fileURLToPath(new URL(`../graphs/${config}`, import.meta.url));
  stack = await startAuthStack({ mode: 'single', configPath, ...options });
}

it('lets in who says who they are, and nobody else', async () => {
  await startWith('auth-http.langgraph.json');
  expect((await request(stack, 'alice', 'GET', '/hello')).text).toBe('{"hello":"world"}');
  expect((await request(stack, null, 'GET', '/hello')).status).toBe(401);
});

it('lets in who has an API key, and nobody else', async () => {
  await startWith('http.langgraph.json', { env: { AUTH: 'keys' } });
  expect((await request(stack, null, 'GET', '/hello')).status).toBe(401);
  const made = await longrun('keys', 'create', '--name', 'x', '--json', '--data-dir', stack.dataDir);
  const { key } = JSON.parse(made) as { key: string };
  expect((await request(stack, key, 'GET', '/hello')).text).toBe('{"hello":"world"}');
});
