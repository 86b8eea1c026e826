/**
 * Asks something of one worker, over the Nest transport whose server is `apps/worker/src/control`. Only a fast path: the
 * worker's heartbeat finds everything that matters.
 */
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { workerControlChannel, type ControlMessage } from '@longrun/contracts';
import type { RedisKit } from '@longrun/redis-core';

export class WorkerControlClient extends ClientProxy {
  readonly #redis: RedisKit;
  readonly #workerId: string;

  constructor(redis: RedisKit, workerId: string) {
    super();
    this.#redis = redis;
    this.#workerId = workerId;
  }

  async connect(): Promise<void> {
    // The connection is the process's own, kept by redis-core.
  }

  close(): void {
    // As above.
  }

  unwrap<T>(): T {
    return this.#redis as T;
  }

  protected publish(_packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new Error('This client sends events only.'), isDisposed: true });
    return () => undefined;
  }

  protected async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const message: ControlMessage = { pattern: String(packet.pattern), data: packet.data };
    const channel = workerControlChannel(this.#workerId);
    return (await this.#redis.command.call('PUBLISH', channel, JSON.stringify(message))) as T;
  }
}
