/**
 * What stands behind the hooks of React, Vue and Svelte when they speak protocol v2: the SDK's `StreamController`, over both transports. A
 * page that is loaded again finds what was said, and the question that waits.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { StreamController } from 'langgraph-sdk-1.15/stream';
import { WebSocket } from 'ws';
import { WORDS } from './graphs/chat.js';
import { sdkOf } from './protocol-support.js';
import { startStack } from './support.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ workers: 1 });
}, 120_000);
afterAll(() => stack.stop());

interface Snapshot {
  threadId: string | null;
  isLoading: boolean;
  error: unknown;
  messages: { type: string; text: string }[];
  interrupts: { id: string; value: unknown }[];
  values: { log?: string[] };
}

/** As far as pages use it. */
interface Page {
  readonly rootStore: { getSnapshot(): Snapshot };
  readonly hydrationPromise: Promise<void>;
  submit(input: unknown): Promise<void>;
  respond(answer: unknown, options?: { interruptId: string }): Promise<void>;
  dispose(): Promise<void>;
}

describe.each(['sse', 'websocket'] as const)('a page over %s', (transport) => {
  const open = (assistantId: string, threadId?: string | null): Page =>
    new StreamController({
      client: sdkOf(stack),
      assistantId,
      threadId: threadId ?? undefined,
      transport,
      webSocketFactory: (url: string) => new WebSocket(url) as unknown as globalThis.WebSocket,
    } as never) as unknown as Page;
  const shown = (page: Page): string[] =>
    page.rootStore.getSnapshot().messages.map(({ type, text }) => `${type}: ${text}`);
  const say = (content: string) => ({ messages: [{ type: 'human', content }] });
  const answer = `ai: ${WORDS.join('')}`;

  /** The end comes over a stream of its own, which may be ahead of the words. */
  const shows = async (page: Page, lines: string[]): Promise<void> => {
    await waitUntil(() => shown(page).join() === lines.join(), {
      message: `the page to show ${lines.join()}`,
    });
  };

  it('shows what was said, after every turn and when it is loaded again', async () => {
    const page = open('chat');
    await page.submit(say('one'));
    await shows(page, ['human: one', answer]);
    expect(page.rootStore.getSnapshot()).toMatchObject({ isLoading: false, error: undefined });
    await page.submit(say('two'));
    await shows(page, ['human: one', answer, 'human: two', answer]);
    const { threadId } = page.rootStore.getSnapshot();
    await page.dispose();

    const again = open('chat', threadId);
    await again.hydrationPromise;
    expect(shown(again)).toEqual(['human: one', answer, 'human: two', answer]);
    await again.submit(say('three'));
    await shows(again, ['human: one', answer, 'human: two', answer, 'human: three', answer]);
    await again.dispose();
  });

  it('shows a question, and goes on with its answer, also when it is loaded again in between', async () => {
    const asks = (page: Page): unknown[] => page.rootStore.getSnapshot().interrupts.map(({ value }) => value);
    const page = open('ask');
    await page.submit({});
    await waitUntil(() => asks(page).includes('first?'));
    await page.respond('yes');
    await waitUntil(() => asks(page).includes('second?'));
    expect(asks(page)).toEqual(['second?']);
    const { threadId } = page.rootStore.getSnapshot();
    await page.dispose();

    const again = open('ask', threadId);
    await again.hydrationPromise;
    expect(asks(again)).toEqual(['second?']);
    await again.respond('no', { interruptId: again.rootStore.getSnapshot().interrupts[0]?.id ?? '' });
    await waitUntil(() => again.rootStore.getSnapshot().values.log?.includes('acted') === true);
    await waitUntil(() => !again.rootStore.getSnapshot().isLoading && asks(again).length === 0);
    expect(again.rootStore.getSnapshot().values.log).toEqual(['first:yes', 'second:no', 'acted']);
    await again.dispose();
  });
});
