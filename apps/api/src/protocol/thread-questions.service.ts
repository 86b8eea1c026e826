/**
 * Which questions of a thread wait for an answer. Its state decides, never the status of a run: a run that was cancelled is `interrupted`
 * too, and waits for nothing.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Thread, ThreadTask } from '@longrun/contracts';
import { readThreadState, type GraphRegistry } from '@longrun/graphs';
import type pg from 'pg';
import { GRAPHS, POOL } from '../tokens.js';
import { ProtocolThreads } from './protocol-threads.service.js';

@Injectable()
export class ThreadQuestions {
  constructor(
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(POOL) private readonly pool: pg.Pool,
  ) {}

  /** Ids of the questions that wait. None while a run is under way or comes next: what it leaves is not known. */
  async waiting(threadId: string): Promise<string[]> {
    const thread = await this.threads.find(threadId);
    const graphId = thread && this.graphOf(thread);
    if (!graphId) return [];
    const { activeRunId } = await this.threads.standing(threadId);
    if (activeRunId !== null) return [];
    const { registry, pool } = this;
    const state = await readThreadState({ registry, pool, threadId, graphId, subgraphs: true });
    return state === null ? [] : [...new Set(state.tasks.flatMap(questionsOf))];
  }

  /** The graph that the thread ran last; null when it has run none that is served here. */
  graphOf({ metadata }: Thread): string | null {
    const graphId = metadata['graph_id'];
    return typeof graphId === 'string' && this.registry.graphs.has(graphId) ? graphId : null;
  }
}

/** Those of a task, and of the graph inside it. */
function questionsOf(task: ThreadTask): string[] {
  const own = task.interrupts.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const inner = (task.state as { tasks?: ThreadTask[] } | null)?.tasks ?? [];
  return [...own, ...inner.flatMap(questionsOf)];
}
