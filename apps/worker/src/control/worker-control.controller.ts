/**
 * What an api or an operator asks of this worker.
 */
import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { WORKER_CONTROL, type CancelRunMessage, type WorkerStatus } from '@longrun/contracts';
import { Runner } from '@longrun/runner';

@Controller()
export class WorkerControlController {
  constructor(@Inject(Runner) private readonly runner: Runner) {}

  /** The cancel is in Postgres already; this only saves the wait for the next heartbeat. */
  @EventPattern(WORKER_CONTROL.cancelRun)
  async cancelRun(@Payload() message: CancelRunMessage): Promise<void> {
    await this.runner.executor.cancelIfMarked(message.runId, message.attempt);
  }

  /** The same as SIGTERM: the process drains and ends. */
  @EventPattern(WORKER_CONTROL.drain)
  drain(@Payload() _message: unknown): void {
    process.kill(process.pid, 'SIGTERM');
  }

  @MessagePattern(WORKER_CONTROL.status)
  status(): WorkerStatus {
    const { executor, workerId } = this.runner;
    return { workerId, state: executor.isDraining ? 'draining' : 'active', runs: executor.active };
  }
}
