/**
 * `agent.getTree`: the graphs of a run, one inside the other, and how each is doing.
 */
import { Inject, Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { unknownFields, type CommandContext, type CommandResult } from '../command.js';
import { eventsOfRecord } from '../protocol-event.js';
import { ProtocolError } from '../protocol-error.js';
import { noRun, ProtocolThreads } from '../protocol-threads.service.js';
import { treeOf, type AgentStatus } from '../agent-tree.js';

@Injectable()
export class AgentCommands {
  constructor(@Inject(ProtocolThreads) private readonly threads: ProtocolThreads) {}

  /** Of one run of the thread, or of the one that began last. */
  async getTree({ threadId, command: { params } }: CommandContext): Promise<CommandResult> {
    const runId = params['run_id'] ?? null;
    if (runId !== null && (typeof runId !== 'string' || !isUuid(runId))) {
      throw new ProtocolError('invalid_argument', 'run_id: must be the id of a run');
    }
    const thread = await this.threads.find(threadId);
    const run = thread && (await this.threads.findRun(threadId, runId));
    if (!run) {
      if (!thread || runId === null) throw noRun(threadId);
      throw new ProtocolError('no_such_run', `Thread ${threadId} has no run ${runId}.`);
    }
    const records = await this.threads.lifecycleRecords(run.runId);
    const events = records
      .flatMap((record) => eventsOfRecord(record, run, ({ method }) => method === 'lifecycle'))
      .map(({ json }) => (JSON.parse(json) as { params: LifecycleParams }).params);
    const status: AgentStatus = run.order === 0 ? 'started' : 'running';
    const root = { namespace: [], data: { event: status, graph_name: run.graphId } };
    return { result: { tree: treeOf([root, ...events]) }, ignored: unknownFields(params, ['run_id']) };
  }
}

interface LifecycleParams {
  namespace: string[];
  data: { event: AgentStatus; graph_name: string };
}
