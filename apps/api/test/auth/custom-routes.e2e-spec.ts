/**
 * Custom routes are asked for credentials when `http.enable_custom_route_auth` says so.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { request, startAuthStack } from './auth-stack.js';

const configPath = fileURLToPath(new URL('../graphs/auth-http.langgraph.json', import.meta.url));

let stack: TestStack;
beforeAll(async () => {
  stack = await startAuthStack({ mode: 'single', configPath });
}, 120_000);
afterAll(() => stack.stop());

it('lets in who says who they are, and nobody else', async () => {
  expect((await request(stack, 'alice', 'GET', '/hello')).text).toBe('{"hello":"world"}');
  expect((await request(stack, null, 'GET', '/hello')).status).toBe(401);
});
