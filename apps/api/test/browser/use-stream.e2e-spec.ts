import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { apiUrl, clientOf, ownerPid, replay, runRow, startStack } from '../support.js';
import { findChromium } from './find-chromium.js';
import { servePage, type ServedPage } from './serve-page.js';

const ANSWER = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ');

const found = findChromium();
if ('missing' in found) console.warn(`Skipped: ${found.missing}`);
const executablePath = 'program' in found ? found.program : '';

(executablePath === '' ? describe.skip : describe)('a React page with useStream in a browser', () => {
  let stack: TestStack;
  let served: ServedPage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    // Root needs --no-sandbox; the small shared memory of containers is not enough for a page.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    [stack, served, browser] = await Promise.all([
      startStack(),
      servePage(),
      chromium.launch({ executablePath, args }),
    ]);
  }, 120_000);
  afterEach(() => page.close());
  afterAll(async () => {
    await browser?.close();
    await Promise.all([served?.stop(), stack?.stop()]);
  });

  async function open(assistant: string): Promise<void> {
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${served.url}/?${new URLSearchParams({ api: apiUrl(stack), assistant }).toString()}`);
    await page.locator('#send').click();
  }

  /** Waits until the answer on the screen has this word, and no error is shown. */
  async function untilShown(word: string): Promise<void> {
    await page.locator('li[data-type=ai]', { hasText: word }).waitFor();
  }
  const idle = () => page.locator('#state', { hasText: 'idle' }).waitFor();
  const answers = () => page.locator('li[data-type=ai]').allTextContents();
  const errors = () => page.locator('#error').allTextContents();
  /** The texts of all answers at each change of the screen since the page was loaded. */
  const shown = () => page.evaluate<string[][]>('window.shown');

  async function currentRun(): Promise<{ threadId: string; runId: string }> {
    const threadId = (await page.locator('#thread').textContent()) ?? '';
    const [run] = await clientOf(stack).runs.list(threadId);
    return { threadId, runId: run?.run_id ?? '' };
  }

  /** At no moment more than one answer, and never anything but a beginning of the whole one. */
  async function expectNothingTwice(): Promise<void> {
    for (const texts of await shown()) {
      expect(texts.length).toBeLessThanOrEqual(1);
      expect(ANSWER.startsWith(texts[0] ?? '')).toBe(true);
    }
  }

  it('shows the tokens one after the other', async () => {
    await open('talk');
    await untilShown('word29');
    await idle();
    const lengths = new Set((await shown()).map(([text = '']) => text.length));
    expect(lengths.size).toBeGreaterThanOrEqual(10);
    expect([...lengths]).toEqual([...lengths].sort((a, b) => a - b));
    await expectNothingTwice();
    expect(await answers()).toEqual([ANSWER]);
    expect(await errors()).toEqual([]);
  });

  it('shows the questions of a run, and goes on when they are answered', async () => {
    await open('ask');
    await page.locator('#answer', { hasText: 'first?' }).click();
    await page.locator('#answer', { hasText: 'second?' }).click();
    await page.locator('#log', { hasText: 'first:yes second:yes acted' }).waitFor();
    await idle();
    await page.locator('#answer').waitFor({ state: 'detached' });
    expect(await errors()).toEqual([]);
  });

  it('stops a run where it is', async () => {
    await open('talk');
    await untilShown('word3');
    const { threadId, runId } = await currentRun();
    await page.locator('#stop').click();
    await idle();
    await waitUntil(async () => (await runRow(stack, runId))?.status === 'interrupted');
    const events = await replay(clientOf(stack), threadId, runId);
    const tokens = events.filter(({ event }) => event === 'messages').length;
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThan(ANSWER.length);
    const [text = ''] = await answers();
    expect(text.length).toBeLessThanOrEqual(tokens);
    await expectNothingTwice();
    expect(await errors()).toEqual([]);
  });

  it('goes on after a reload in the middle of a run, without losing or doubling text', async () => {
    await open('talk');
    await untilShown('word3');
    const { runId } = await currentRun();
    await page.reload();
    await untilShown('word3');
    expect((await runRow(stack, runId))?.status).toBe('running');
    await untilShown('word29');
    await idle();
    await expectNothingTwice();
    expect(await answers()).toEqual([ANSWER]);
    expect((await currentRun()).runId).toBe(runId);
    expect(await errors()).toEqual([]);
  });

  it('shows one whole answer when the worker is killed in the middle of it', async () => {
    await open('talk');
    await untilShown('word3');
    const { runId } = await currentRun();
    process.kill(await ownerPid(stack, runId), 'SIGKILL');
    await untilShown('word29');
    await idle();
    await expectNothingTwice();
    expect(await answers()).toEqual([ANSWER]);
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
    expect(await errors()).toEqual([]);
  });
});
