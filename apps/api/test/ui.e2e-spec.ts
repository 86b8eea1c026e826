/**
 * Components for front ends: loaded through the SDK, as `LoadExternalComponent` does, and executed as a browser would.
 */
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { SDK_VERSIONS, sdkClient } from './sdk-versions.js';
import { apiUrl, clientOf, startStack } from './support.js';

describe('components of langgraph.json', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 0, sweepers: 0 });
  }, 60_000);
  afterAll(() => stack.stop());

  const post = (id: string, body: unknown): Promise<Response> =>
    fetch(`${apiUrl(stack)}/ui/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it.each(SDK_VERSIONS)('are rendered by the script that the HTML for SDK %s names', async (version) => {
    const client = await sdkClient(version, apiUrl(stack));
    const html = await client['~ui'].getComponent('plain', 'weather');
    const [, style = '', script = '', onload = ''] =
      /href="([^"]+)" \/>\n<script src="([^"]+)" onload='([^']+)'>/.exec(html) ?? [];
    const css = await fetch(style);
    expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await css.text()).toMatch(/\.weather/);

    const answer = await fetch(script);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(render(await answer.text(), onload)).toEqual(['b', { className: 'weather', children: 'Paris' }]);
  });

  it('belong to the assistants of their graph', async () => {
    const { assistant_id: id } = await clientOf(stack).assistants.create({ graphId: 'plain' });
    const answer = await post(id, { name: 'weather' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('/ui/plain/entrypoint.js');
  });

  it.each([
    ['plain', { name: 'storm' }, 404, /name: .*"plain" have none called "storm" \(they have: weather\)/],
    ['plain', {}, 422, /^name: /],
    ['talk', { name: 'weather' }, 404, /"ui" of langgraph.json names nothing for "talk" \(it names: plain\)/],
    ['nobody', { name: 'weather' }, 404, /^Assistant not found/],
  ])('are refused to %s with %j by a %i', async (id, body, status, message) => {
    const answer = await post(id, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(message);
  });

  it('have no other files', async () => {
    for (const path of ['plain/..%2Fplain.mjs', 'plain/other.js', 'talk/entrypoint.js']) {
      const answer = await fetch(`${apiUrl(stack)}/ui/${path}`);
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 404, { code: 'UI_NOT_FOUND' }]);
    }
  });
});

/** What the component draws, on a page that has just what the script needs; React only tells what it was asked for. */
function render(script: string, onload: string): unknown {
  const drawn: unknown[] = [];
  const jsx = (...element: unknown[]): unknown => element.slice(0, 2);
  const element = { shadowRoot: { appendChild: () => undefined } };
  const page = vm.createContext({
    document: { getElementById: () => element, createElement: () => ({}) },
    [Symbol.for('LGUI_REQUIRE')]: () => ({ jsx }),
  }) as Record<string | symbol, unknown>;
  page['window'] = page;
  page[Symbol.for('LGUI_EXT_STORE')] = {
    respond: (_root: string, component: (props: object) => unknown) =>
      drawn.push(component({ city: 'Paris' })),
  };
  vm.runInContext(script, page);
  vm.runInContext(onload.replaceAll('&quot;', '"'), page);
  return drawn[0];
}
