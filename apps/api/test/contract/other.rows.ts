/**
 * The contract of what the server says of itself.
 */
import { expect } from '@jest/globals';
import { row, type ContractRow } from './contract-row.js';
import { expectShape, mapOf, object, oneOf, record, text } from './shape.js';

export const OTHERS: readonly ContractRow[] = [
  row('POST /ui/{assistant_id}', '~ui.getComponent', async ({ client, url }) => {
    const html = await client['~ui'].getComponent('plain', 'weather');
    expect(html).toContain(`<script src="${url}/ui/plain/entrypoint.js"`);
    await expect(client['~ui'].getComponent('plain', 'storm')).rejects.toThrow(/HTTP 404.*storm/);
  }),
  row('GET /ui/{assistant_id}/{file}', null, async ({ url }) => {
    expect(await (await fetch(`${url}/ui/plain/entrypoint.js`)).text()).toContain('__LGUI_plain');
  }),
  row('GET /ok', null, async ({ url }) => {
    for (const path of ['/ok', '/ok?check_db=1']) {
      expect(await (await fetch(`${url}${path}`)).json()).toEqual({ ok: true });
    }
  }),
  row('GET /info', null, async ({ url }) => {
    const info = record({
      version: text,
      langgraph_js_version: text,
      context: oneOf('js'),
      flags: mapOf(oneOf(true, false)),
      longrun: object,
    });
    const said = expectShape((await (await fetch(`${url}/info`)).json()) as { flags: object }, info);
    expect(said.flags).toMatchObject({ assistants: true, crons: true });
  }),
  row('GET /openapi.json', null, async ({ url }) => {
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      openapi: string;
      paths: object;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths).toHaveProperty(['/threads/{thread_id}/runs', 'post', 'requestBody']);
  }),
  row('GET /docs', null, async ({ url }) => {
    const page = await fetch(`${url}/docs`);
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
    const html = await page.text();
    expect(html).toContain('<code>/threads/{thread_id}/runs</code>');
    // Nothing of it comes from elsewhere.
    expect(html).not.toMatch(/<script|(src|href)="(https?:)?\/\//);
  }),
  row('POST /a2a/{assistant_id}', null, async ({ url }) => {
    const card = await fetch(`${url}/.well-known/agent-card.json?assistant_id=chat`);
    const { url: address } = (await card.json()) as { url: string };
    const parts = [{ kind: 'text', text: 'hi' }];
    const message = { kind: 'message', role: 'user', messageId: '1', parts };
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: { message } }),
    });
    expect(await response.json()).toMatchObject({ id: 1, result: { status: { state: 'completed' } } });
  }),
  row('POST /mcp', null, async ({ url }) => {
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    expect(await response.text()).toMatch(/"tools":\[\{"name":/);
  }),
  ...['GET', 'DELETE'].map((method) =>
    row(`${method} /mcp`, null, async ({ url }) => {
      const response = await fetch(`${url}/mcp`, { method, headers: { accept: 'text/event-stream' } });
      expect(response.status).toBe(405);
    }),
  ),
  row('GET /metrics', null, async ({ url }) => {
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^# HELP /m);
  }),
];
