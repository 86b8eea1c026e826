/**
 * `state.get`, `state.listCheckpoints` and `state.fork`: the state of a thread, its history, and runs that begin in it.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Thread, ThreadState } from '@longrun/contracts';
import {
  readThreadHistory,
  readThreadState,
  type GraphRegistry,
  type ThreadStateRequest,
} from '@longrun/graphs';
import type pg from 'pg';
import { RunCreationService } from '../../runs/run-creation.js';
import { GRAPHS, POOL } from '../../tokens.js';
import { unknownFields, type CommandContext, type CommandResult } from '../command.js';
import { isNamespace, isRecord } from '../event-filter.js';
import { ProtocolError } from '../protocol-error.js';
import { noRun, ProtocolThreads } from '../protocol-threads.service.js';
import { ThreadQuestions } from '../thread-questions.service.js';
import { createProtocolRun } from './new-run.js';

/** As the SDK asks for histories. */
const CHECKPOINTS = 10;
const CHECKPOINTS_AT_MOST = 1_000;

@Injectable()
export class StateCommands {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
    @Inject(ThreadQuestions) private readonly questions: ThreadQuestions,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(POOL) private readonly pool: pg.Pool,
  ) {}

  async get({ threadId, command: { params } }: CommandContext): Promise<CommandResult> {
    const namespace = namespaceOf(params);
    const keys = params['keys'] ?? undefined;
    if (keys !== undefined && !isNamespace(keys)) {
      throw new ProtocolError('invalid_argument', 'keys: must be a list of names of channels of the state');
    }
    const request = await this.#request(threadId, namespace);
    const state = request && (await readThreadState(request));
    if (state === null && namespace.length > 0) throw noSuchNamespace(namespace);
    const checkpoint = state?.checkpoint;
    return {
      result: {
        values: pick(state?.values ?? {}, keys),
        ...(checkpoint ? { checkpoint: { id: checkpoint.checkpoint_id, ns: checkpoint.checkpoint_ns } } : {}),
      },
      ignored: unknownFields(params, ['namespace', 'keys']),
    };
  }

  /** The newest first. */
  async listCheckpoints({ threadId, command: { params } }: CommandContext): Promise<CommandResult> {
    const namespace = namespaceOf(params);
    const limit = params['limit'] ?? CHECKPOINTS;
    if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > CHECKPOINTS_AT_MOST) {
      throw new ProtocolError(
        'invalid_argument',
        `limit: must be a whole number from 1 to ${CHECKPOINTS_AT_MOST}`,
      );
    }
    const before = params['before'] ?? undefined;
    if (before !== undefined && typeof before !== 'string') {
      throw new ProtocolError('invalid_argument', 'before: must be the id of a checkpoint');
    }
    const request = await this.#request(threadId, namespace);
    if (request !== null && before !== undefined) await this.#checkExists(request, before);
    const states = request ? await readThreadHistory({ ...request, limit: Number(limit), before }) : [];
    if (states.length === 0 && namespace.length > 0 && before === undefined) throw noSuchNamespace(namespace);
    return {
      result: { checkpoints: states.map(summaryOf) },
      ignored: unknownFields(params, ['namespace', 'limit', 'before']),
    };
  }

  /** A run that begins at a checkpoint of the past: what was written behind it stays, and is no longer the state. */
  async fork(context: CommandContext): Promise<CommandResult> {
    const { threadId, command } = context;
    const { checkpoint_id: checkpointId, input = null, config } = command.params;
    if (typeof checkpointId !== 'string' || checkpointId === '') {
      throw new ProtocolError('invalid_argument', 'checkpoint_id: must be the id of a checkpoint');
    }
    const thread = await this.threads.find(threadId);
    const request = thread && this.#requestOf(thread, []);
    if (!thread || !request || typeof thread.metadata['assistant_id'] !== 'string') {
      throw noRun(threadId);
    }
    await this.#checkExists(request, checkpointId);
    const run = await createProtocolRun(this.creation, context, {
      assistant_id: thread.metadata['assistant_id'],
      input,
      config,
      checkpoint_id: checkpointId,
    });
    return {
      result: { run_id: run.run_id, thread_id: run.thread_id },
      ignored: unknownFields(command.params, ['checkpoint_id', 'input', 'config']),
    };
  }

  /** Null when the thread has no state yet. @throws ProtocolError no_such_run when there is no such thread */
  async #request(threadId: string, namespace: readonly string[]): Promise<ThreadStateRequest | null> {
    const thread = await this.threads.find(threadId);
    if (thread === null) throw noRun(threadId);
    return this.#requestOf(thread, namespace);
  }

  #requestOf(thread: Thread, namespace: readonly string[]): ThreadStateRequest | null {
    const graphId = this.questions.graphOf(thread);
    if (graphId === null) return null;
    const { registry, pool } = this;
    const checkpoint = namespace.length === 0 ? {} : { checkpoint: { checkpoint_ns: namespace.join('|') } };
    return { registry, pool, threadId: thread.thread_id, graphId, ...checkpoint };
  }

  async #checkExists(request: ThreadStateRequest, checkpointId: string): Promise<void> {
    const checkpoint = { ...request.checkpoint, checkpoint_id: checkpointId };
    if ((await readThreadState({ ...request, checkpoint })) !== null) return;
    throw new ProtocolError(
      'no_such_checkpoint',
      `The thread has no checkpoint ${checkpointId.slice(0, 60)}.`,
    );
  }
}

function namespaceOf({ namespace }: Readonly<Record<string, unknown>>): readonly string[] {
  if (namespace === undefined || namespace === null) return [];
  if (isNamespace(namespace)) return namespace;
  throw new ProtocolError('invalid_argument', 'namespace: must be a list of texts');
}

function noSuchNamespace(namespace: readonly string[]): ProtocolError {
  return new ProtocolError(
    'no_such_namespace',
    `namespace: the thread has no state in ${JSON.stringify(namespace).slice(0, 200)}`,
  );
}

function pick(values: unknown, keys: readonly string[] | undefined): unknown {
  if (keys === undefined || !isRecord(values)) return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}

function summaryOf({ checkpoint, created_at, metadata }: ThreadState): object {
  return {
    id: checkpoint?.checkpoint_id ?? '',
    timestamp: created_at ?? '',
    step: Number(metadata?.['step'] ?? 0),
    metadata: metadata ?? {},
  };
}
