// Loads the langgraph.json given as the first argument with the built package, in a plain Node.js process, executes the
// runs given as the second, and prints what happened as one line of JSON.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { executeAttempt, loadGraphs, setupCheckpointTables } from '../dist/index.js';

const [configPath, script] = process.argv.slice(2);
const { runs = [], env = [] } = JSON.parse(script);
const result = { outcomes: [] };
try {
  const registry = await loadGraphs(configPath);
  result.graphs = [...registry.graphs.values()].map(({ id, description }) => ({ id, description }));
  if (runs.length > 0) {
    const pool = new pg.Pool({ connectionString: process.env.TEST_DATABASE });
    await setupCheckpointTables(pool);
    const threadId = randomUUID();
    const newest = async () => {
      const { rows } = await pool.query(
        'SELECT checkpoint_id FROM langgraph.checkpoints WHERE thread_id = $1 ORDER BY commit_seq DESC LIMIT 1',
        [threadId],
      );
      return rows[0]?.checkpoint_id ?? null;
    };
    for (const { graphId, kwargs } of runs) {
      const attempt = executeAttempt({
        registry,
        graphId,
        assistantId: 'assistant',
        runId: randomUUID(),
        threadId,
        attempt: 1,
        kwargs: {
          config: {},
          stream_mode: ['values'],
          subgraphs: false,
          resumable: true,
          temporary: false,
          ...kwargs,
        },
        metadata: {},
        baseCheckpointId: await newest(),
        pool,
        fence: async () => undefined,
        signal: new AbortController().signal,
      });
      let step = await attempt.next();
      while (!step.done) step = await attempt.next();
      result.outcomes.push({ ...step.value, cause: undefined });
    }
    await pool.end();
  }
} catch (error) {
  result.error = { name: error.name, code: error.code, message: error.message };
}
result.env = Object.fromEntries(env.map((name) => [name, process.env[name] ?? null]));
console.log(JSON.stringify(result));
