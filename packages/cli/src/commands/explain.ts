/**
 * `longrun explain <run>`: asks an api what happened to a run, and prints it for people.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { API_PORT } from '@longrun/contracts';

import { readEnvironment } from '../config/environment.js';
import { stackFile, type Stack } from '../start/stack.js';
import { explanationText, type Explanation } from './explanation-text.js';
import { UsageError } from './usage-error.js';

const DEFAULT_URL = `http://127.0.0.1:${String(API_PORT)}`;
const ANSWER_TIMEOUT_MS = 30_000;

const EXPLAIN_HELP = `longrun explain <run id> [options]: what happened to a run, and what it waits for

  --url <url>         the api to ask (the one in <data-dir>/stack.json, or else ${DEFAULT_URL})
  --data-dir <folder> where stack.json lives (.longrun)
  --json              print the api's answer as it is

An api that wants a key gets the one of LONGRUN_API_KEY.`;

/**
 * Prints the explanation of one run.
 *
 * @throws UsageError naming what is wrong with the call; Error when the api cannot be reached within 30 s or refuses
 */
export async function explainCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(EXPLAIN_HELP);
    return 0;
  }
  const { runId, url, json } = parseExplainOptions(args);
  const answer = await ask(new URL(`runs/${encodeURIComponent(runId)}/explain`, url));
  console.log(json ? answer : explanationText(JSON.parse(answer) as Explanation));
  return 0;
}

function parseExplainOptions(args: readonly string[]): { runId: string; url: URL; json: boolean } {
  const { values, positionals } = parse(args.filter((arg) => arg !== '--'));
  const [runId, ...others] = positionals;
  if (runId === undefined || runId === '' || others.length > 0) {
    throw new UsageError(`longrun explain takes the id of one run, got ${String(positionals.length)}.`);
  }
  const given = values.url ?? apiOf(resolve(values['data-dir'] ?? '.longrun')) ?? DEFAULT_URL;
  const text = given.endsWith('/') ? given : `${given}/`;
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`--url is "${given}"; it must be an http or https URL.`);
  }
  return { runId, url: new URL(text), json: values.json ?? false };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: true,
      options: { url: { type: 'string' }, 'data-dir': { type: 'string' }, json: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The first api of the stack that runs on this data directory; undefined when none does. */
function apiOf(dataDir: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(stackFile(dataDir), 'utf8')) as Stack).apis[0]?.url;
  } catch {
    return undefined;
  }
}

async function ask(url: URL): Promise<string> {
  const { apiKey } = readEnvironment();
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`There is no answer from ${url.origin} (${reason}). Name the api with --url.`, {
        cause: error,
      });
    },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${url.origin} answered ${String(response.status)}: ${text}`);
  return text;
}
