// A client of the three examples, with the official SDK as it is.
//
//   node client.mjs agent ["what is 6 * 7?"]     streams an answer token by token
//   node client.mjs report ["lighthouses"]       loses its connection in the middle and goes on where it was
//   node client.mjs approval [yes|no]            waits at a question and answers it
//
// LONGRUN_URL names the server; default http://localhost:8123.
import { Client } from '@langchain/langgraph-sdk';

const client = new Client({ apiUrl: process.env.LONGRUN_URL ?? 'http://localhost:8123' });
const [example = 'agent', argument] = process.argv.slice(2);

const human = (content) => ({ messages: [{ role: 'user', content }] });

/** Prints the tokens of a model as they come, and everything else on a line of its own. */
function print({ event, data }) {
  if (event.startsWith('messages')) {
    const [message] = data;
    if (message.type === 'ai' && typeof message.content === 'string') process.stdout.write(message.content);
  } else if (event.startsWith('custom')) {
    console.log(`\n[${JSON.stringify(data)}]`);
  } else if (event === 'error') {
    console.error('\nThe run failed:', data);
  }
}

async function agent(question = 'what is 6 * 7?') {
  const { thread_id } = await client.threads.create();
  const stream = client.runs.stream(thread_id, 'agent', {
    input: human(question),
    streamMode: 'messages-tuple',
  });
  for await (const part of stream) print(part);
  console.log();
}

async function report(topic = 'lighthouses') {
  const { thread_id } = await client.threads.create();
  let runId;
  let lastEventId;
  let events = 0;
  const connection = new AbortController();
  const stream = client.runs.stream(thread_id, 'report', {
    input: { topic },
    streamMode: ['messages-tuple', 'custom'],
    streamSubgraphs: true,
    // The log of the run is kept and numbered, and the run does not care whether anybody listens.
    streamResumable: true,
    onDisconnect: 'continue',
    signal: connection.signal,
    onRunCreated: (run) => (runId = run.run_id),
  });
  try {
    for await (const part of stream) {
      print(part);
      lastEventId = part.id ?? lastEventId;
      if (++events === 40) connection.abort();
    }
  } catch (error) {
    if (!connection.signal.aborted) throw error;
  }
  console.log(
    `\n\n--- the connection is gone after event ${lastEventId}; the run goes on; joining it again ---`,
  );
  for await (const part of client.runs.joinStream(thread_id, runId, {
    lastEventId,
    streamMode: ['messages-tuple', 'custom'],
  })) {
    print(part);
  }
  const { values } = await client.threads.getState(thread_id);
  console.log(`\n\n${values.messages.at(-1).content}`);
}

async function approval(answer = 'yes') {
  const { thread_id } = await client.threads.create();
  const asked = await client.runs.wait(thread_id, 'approval', { input: human('please refund 20 euros') });
  const [question] = asked.__interrupt__ ?? (await client.threads.getState(thread_id)).tasks[0].interrupts;
  console.log('The agent asks:', question.value.question);
  console.log('We answer:', answer);
  const { messages } = await client.runs.wait(thread_id, 'approval', {
    command: { resume: { approved: answer === 'yes' } },
  });
  console.log(messages.at(-1).content);
}

const examples = { agent, report, approval };
if (!(example in examples)) {
  console.error(`There is no example "${example}". Choose one of: ${Object.keys(examples).join(', ')}.`);
  process.exitCode = 1;
} else {
  await examples[example](argument);
}
