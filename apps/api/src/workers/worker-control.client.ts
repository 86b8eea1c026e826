/**
 * Asks something of one worker, over the Nest transport whose server is `apps/worker/src/control`. Only a fast path: the
 * worker's heartbeat finds everything that matters.
 */
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { workerControlChannel, type ControlMessage } from '@longrun/contracts';
import type { ResilientRedisClient } from '@longrun/redis-core';

/** A worker that is told twice does it once. */
const SENDING = { idempotent: true, priority: 'high' } as const;

export class WorkerControlClient extends ClientProxy {
  readonly #redis: ResilientRedisClient;
  readonly #workerId: string;

  constructor(redis: ResilientRedisClient, workerId: string) {
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
    return (await this.#redis.publish(channel, JSON.stringify(message), SENDING)) as T;
  }
}
