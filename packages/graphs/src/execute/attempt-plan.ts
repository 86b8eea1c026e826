/**
 * What an attempt has to do: begin, resume from the run's own last checkpoint, or nothing, because the run had stopped
 * already and only its end was lost. Every rule for not applying an input, an answer or a breakpoint twice is here.
 */
import type { CheckpointTuple } from '@langchain/langgraph-checkpoint';
import type { RunKwargs } from '@longrun/contracts';
import type pg from 'pg';
import {
  SELECT_ANSWERED_QUESTIONS,
  SELECT_ASKING_TASKS,
  SELECT_COMMAND_WRITTEN,
  SELECT_NEWEST_ROOT,
} from '../checkpoint/checkpoint-sql.js';
import type { FencedSaver } from '../checkpoint/fenced-saver.js';
import { retryWhilePostgresIsAway } from '../checkpoint/postgres-faults.js';
import type { CompiledGraph } from '../registry/graph-registry.js';
import { isLostAnswer, questionIds, resumeMapOf, toCommand, type ResumeMap } from './command.js';
import { selectorOf } from './run-options.js';
import { checkStrictResume } from './strict-resume.js';
import { shouldInterrupt, type Breakpoints } from './should-interrupt.js';

/** What {@link planAttempt} looks at. */
export interface PlanInput {
  graph: CompiledGraph;
  saver: FencedSaver;
  pool: pg.Pool;
  signal: AbortSignal;
  runId: string;
  threadId: string;
  attempt: number;
  kwargs: RunKwargs;
  sourceFile: string | undefined;
}

/** `configurable` is to be added to that of the run. */
export type AttemptPlan =
  { kind: 'run'; input: unknown; configurable: Record<string, unknown> } | { kind: 'stopped' };

interface NewestRoot {
  checkpoint_id: string;
  parent_checkpoint_id: string | null;
  run_id: string | null;
}

const RESUME_MAP_KEY = '__pregel_resume_map';

/** Decides what this attempt does. Reads only. @throws UnknownInterruptError as `checkStrictResume` says */
export async function planAttempt(plan: PlanInput): Promise<AttemptPlan> {
  const { kwargs, attempt, runId, threadId } = plan;
  if (attempt > 1) {
    const [newest] = await rows<NewestRoot>(plan, SELECT_NEWEST_ROOT, [threadId]);
    if (newest !== undefined && newest.run_id === runId) return resumeFrom(plan, newest);
    if (kwargs.command) {
      const [command] = await rows<{ written: boolean }>(plan, SELECT_COMMAND_WRITTEN, [threadId, runId]);
      if (command?.written) return resumeCommand(plan);
    }
  }
  return begin(plan);
}

/** The original input or command, on the checkpoint it was meant for. */
async function begin(plan: PlanInput): Promise<AttemptPlan> {
  const { kwargs, graph, sourceFile } = plan;
  const configurable = { ...selectorOf(kwargs) };
  if (!kwargs.command) return { kind: 'run', input: kwargs.input ?? null, configurable };
  if (kwargs.strict_resume) checkStrictResume(kwargs.command, await selectedTuple(plan));
  const answers = await answersOf(plan);
  const command = answers === undefined ? kwargs.command : { ...kwargs.command, resume: answers };
  return { kind: 'run', input: await toCommand(command, graph, sourceFile), configurable };
}

/** The command is on the thread already: sent again, its answer would meet the next question. */
async function resumeCommand(plan: PlanInput): Promise<AttemptPlan> {
  const tuple = await plan.saver.getTuple({ configurable: { thread_id: plan.threadId } });
  if (tuple !== undefined && (await waitsForAnswers(plan, tuple))) return { kind: 'stopped' };
  const answers = await answersOf(plan);
  if (answers === undefined) return { kind: 'run', input: null, configurable: {} };
  // Answers by question are not found again by LangGraph; those that a task holds must not be given once more.
  const answered = await answeredQuestions(plan);
  const open = Object.entries(answers).filter(([question]) => !answered.has(question));
  return { kind: 'run', input: null, configurable: { [RESUME_MAP_KEY]: Object.fromEntries(open) } };
}

/** The run has a checkpoint of its own: the input is in it. */
async function resumeFrom(plan: PlanInput, newest: NewestRoot): Promise<AttemptPlan> {
  const { graph, saver, threadId, kwargs } = plan;
  saver.unpin();
  const tuple = await saver.getTuple({ configurable: { thread_id: threadId } });
  if (tuple === undefined) return begin(plan);
  const next = await taskNames(plan, newest.checkpoint_id);
  if (next.length === 0) return { kind: 'stopped' };
  const before = breakpointsOf(kwargs.interrupt_before, graph.interruptBefore);
  if (shouldInterrupt(tuple.checkpoint, before, next, graph)) return { kind: 'stopped' };
  if (tuple.metadata?.source === 'loop') {
    const after = breakpointsOf(kwargs.interrupt_after, graph.interruptAfter);
    // The steps before the one checkpoint of `exit` are not on record; what it was written for, if not for an error, is.
    if (kwargs.durability === 'exit' && after.length > 0 && !hasError(tuple)) return { kind: 'stopped' };
    const parent = newest.parent_checkpoint_id;
    const finished = parent === null ? [] : await taskNames(plan, parent);
    if (shouldInterrupt(tuple.checkpoint, after, finished, graph)) return { kind: 'stopped' };
  }
  if (await waitsForAnswers(plan, tuple)) return { kind: 'stopped' };
  return { kind: 'run', input: null, configurable: {} };
}

function hasError(tuple: CheckpointTuple): boolean {
  return (tuple.pendingWrites ?? []).some(([, channel]) => channel === '__error__');
}

/** True when every task that is not done has put a question in this run: the run ended there. */
async function waitsForAnswers(plan: PlanInput, tuple: CheckpointTuple): Promise<boolean> {
  const checkpointId = tuple.checkpoint.id;
  const asking = await rows<{ task_id: string }>(plan, SELECT_ASKING_TASKS, [
    plan.threadId,
    checkpointId,
    plan.runId,
  ]);
  if (asking.length === 0) return false;
  const asked = new Set(asking.map((row) => row.task_id));
  const done = new Set(
    (tuple.pendingWrites ?? [])
      .filter(([, channel]) => !/^__(error|error_source_node|interrupt|resume)__$/.test(channel))
      .map(([taskId]) => taskId),
  );
  const state = await stateAt(plan, checkpointId);
  return state.tasks.every((task) => done.has(task.id) || asked.has(task.id));
}

/** Answers by question: those of the command, or a falsy answer addressed to all open questions. */
async function answersOf(plan: PlanInput): Promise<ResumeMap | undefined> {
  const { command } = plan.kwargs;
  if (!command) return undefined;
  if (!isLostAnswer(command)) return resumeMapOf(command);
  const tuple = await selectedTuple(plan);
  const questions = (tuple?.pendingWrites ?? []).filter(([, channel]) => channel === '__interrupt__');
  const ids = questions.flatMap(([, , value]) => questionIds(value));
  return ids.length === 0 ? undefined : Object.fromEntries(ids.map((id) => [id, command.resume]));
}

/** The checkpoint that the run begins at. */
function selectedTuple({ kwargs, saver, threadId }: PlanInput): Promise<CheckpointTuple | undefined> {
  const selected = selectorOf(kwargs).checkpoint_id;
  return saver.getTuple({
    configurable: { thread_id: threadId, ...(selected ? { checkpoint_id: selected } : {}) },
  });
}

async function answeredQuestions(plan: PlanInput): Promise<Set<string>> {
  const asked = await rows<{ type: string; blob: Uint8Array }>(plan, SELECT_ANSWERED_QUESTIONS, [
    plan.threadId,
    plan.runId,
  ]);
  const values = await Promise.all(asked.map(({ type, blob }) => plan.saver.serde.loadsTyped(type, blob)));
  return new Set(values.flatMap(questionIds));
}

async function taskNames(plan: PlanInput, checkpointId: string): Promise<string[]> {
  return (await stateAt(plan, checkpointId)).tasks.map((task) => task.name);
}

function stateAt(
  { graph, threadId }: PlanInput,
  checkpointId: string,
): ReturnType<CompiledGraph['getState']> {
  return graph.getState({ configurable: { thread_id: threadId, checkpoint_id: checkpointId } });
}

function breakpointsOf(requested: Breakpoints | null | undefined, ofGraph: unknown): Breakpoints {
  return requested ?? (ofGraph as Breakpoints | undefined) ?? [];
}

async function rows<Row extends pg.QueryResultRow>(
  plan: PlanInput,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  const result = await retryWhilePostgresIsAway(() => plan.pool.query<Row>(sql, values), plan.signal);
  return result.rows;
}
