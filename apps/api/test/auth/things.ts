/**
 * One thing of every kind, and the record of what somebody has.
 */
import type { Client } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { query } from '../support.js';

/** Ids; a path of `routes-of-things.ts` names them as `{thread}`. */
export interface Things {
  thread: string;
  run: string;
  assistant: string;
  cron: string;
}

/** @param secret stands in all of them */
export async function thingsOf(client: Client, secret: string): Promise<Things> {
  const metadata = { secret };
  const created = await client.assistants.create({ graphId: 'whoami', metadata, name: secret });
  const assistant = created.assistant_id;
  const { thread_id: thread } = await client.threads.create({ metadata });
  await client.runs.wait(thread, assistant, { input: { note: secret }, metadata });
  const [run] = await client.runs.list(thread);
  const { cron_id: cron } = await client.crons.createForThread(thread, assistant, {
    schedule: '0 0 1 1 *',
    input: { note: secret },
    metadata,
  });
  await client.store.putItem(['notes'], 'secret', { note: secret });
  return { assistant, thread, run: run?.run_id ?? '', cron };
}

/** All rows that belong to somebody, from the tables themselves. */
export async function recordOfOwner(stack: TestStack, owner: string): Promise<unknown> {
  const [row] = await query<{ record: unknown }>(
    stack,
    `WITH own AS (SELECT * FROM thread WHERE metadata @> json_build_object('owner', $1::text)::jsonb)
     SELECT json_build_object(
       'threads', (SELECT json_agg(to_json(own) ORDER BY thread_id) FROM own),
       'runs', (SELECT json_agg(to_json(run) ORDER BY run_id) FROM run WHERE thread_id IN (SELECT thread_id FROM own)),
       'assistants', (SELECT json_agg(to_json(assistant) ORDER BY assistant_id) FROM assistant
                      WHERE metadata @> json_build_object('owner', $1::text)::jsonb),
       'crons', (SELECT json_agg(to_json(cron) ORDER BY cron_id) FROM cron
                 WHERE metadata @> json_build_object('owner', $1::text)::jsonb),
       'items', (SELECT json_agg(to_json(store) ORDER BY namespace_path, key) FROM langgraph.store
                 WHERE namespace_path LIKE $1 || ':%')) AS record`,
    [owner],
  );
  return row?.record;
}
