/**
 * Writes a report, section by section, in many small steps: kill the worker while it works, and the report goes on
 * with the section it was at. A subgraph writes each section; progress is streamed as custom events, the text as
 * tokens.
 *
 * Input: `{"topic": "lighthouses", "sections": 5, "pace_ms": 300}`; or just a message with the topic.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AIMessage } from '@langchain/core/messages';
import {
  Annotation,
  END,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { createModel } from './model.ts';

const DEFAULT_SECTIONS = 5;
const DEFAULT_PACE_MS = 300;
const TITLES = ['Beginnings', 'How it works', 'Who needs it', 'What it costs', 'What comes next'];

/** One section, the state of the subgraph. */
const Section = Annotation.Root({
  topic: Annotation<string>,
  title: Annotation<string>,
  pace_ms: Annotation<number>,
  notes: Annotation<string>,
  text: Annotation<string>,
});

const Report = Annotation.Root({
  ...MessagesAnnotation.spec,
  topic: Annotation<string>,
  sections: Annotation<number>,
  pace_ms: Annotation<number>,
  outline: Annotation<string[]>,
  written: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

/** Stands for slow work. It ends with the run: the signal aborts when the run is cancelled or taken away. */
async function work(ms: number, config: LangGraphRunnableConfig): Promise<void> {
  await sleep(ms, undefined, config.signal ? { signal: config.signal } : {});
}

async function research(state: typeof Section.State, config: LangGraphRunnableConfig) {
  config.writer?.({ doing: 'research', section: state.title });
  await work(state.pace_ms, config);
  return { notes: `what is known about ${state.topic}: ${state.title.toLowerCase()}` };
}

async function write(state: typeof Section.State, config: LangGraphRunnableConfig) {
  config.writer?.({ doing: 'write', section: state.title });
  const answer = await createModel().invoke(`Write two sentences on ${state.notes}.`);
  return { text: `## ${state.title}\n${answer.text}` };
}

async function check(state: typeof Section.State, config: LangGraphRunnableConfig) {
  config.writer?.({ doing: 'check', section: state.title });
  await work(state.pace_ms, config);
  return { text: state.text.trim() };
}

const section = new StateGraph(Section)
  .addNode('research', research)
  .addNode('write', write)
  .addNode('check', check)
  .addEdge(START, 'research')
  .addEdge('research', 'write')
  .addEdge('write', 'check')
  .compile();

function outline(state: typeof Report.State) {
  const topic = state.topic ?? state.messages.at(-1)?.text ?? 'nothing in particular';
  const count = state.sections ?? DEFAULT_SECTIONS;
  const titles = Array.from({ length: count }, (_, index) => TITLES[index] ?? `Part ${index + 1}`);
  return { topic, sections: count, pace_ms: state.pace_ms ?? DEFAULT_PACE_MS, outline: titles };
}

/** One section per step: after each one a checkpoint says how far the report is. */
async function writeSection(state: typeof Report.State, config: LangGraphRunnableConfig) {
  const done = state.written.length;
  const title = state.outline[done] ?? '';
  config.writer?.({
    progress: done / state.outline.length,
    section: title,
    number: done + 1,
    of: state.outline.length,
  });
  const { text } = await section.invoke({ topic: state.topic, title, pace_ms: state.pace_ms });
  return { written: [text] };
}

function isComplete(state: typeof Report.State): 'section' | 'publish' {
  return state.written.length < state.outline.length ? 'section' : 'publish';
}

function publish(state: typeof Report.State, config: LangGraphRunnableConfig) {
  config.writer?.({ progress: 1 });
  return { messages: [new AIMessage(`# Report on ${state.topic}\n\n${state.written.join('\n\n')}`)] };
}

export const graph = new StateGraph(Report)
  .addNode('plan', outline)
  .addNode('section', writeSection, { subgraphs: [section] })
  .addNode('publish', publish)
  .addEdge(START, 'plan')
  .addConditionalEdges('plan', isComplete, ['section', 'publish'])
  .addConditionalEdges('section', isComplete, ['section', 'publish'])
  .addEdge('publish', END)
  // A report of many sections needs more steps than LangGraph allows by default.
  .compile()
  .withConfig({ recursionLimit: 500 });
