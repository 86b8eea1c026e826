/**
 * The control plane as a Nest transport over redis-core: one channel per worker on the process's one subscriber connection.
 * Nest's own Redis transport would open two plain connections with offline queues.
 */
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { workerControlChannel, type ControlMessage } from '@longrun/contracts';
import type { ResilientRedisClient, Subscription } from '@longrun/redis-core';
import { isObservable, lastValueFrom } from 'rxjs';

export class RedisControlTransport extends Server implements CustomTransportStrategy {
  readonly #redis: ResilientRedisClient;
  readonly #workerId: string;
  #subscription: Subscription | undefined;

  constructor(redis: ResilientRedisClient, workerId: string) {
    super();
    this.#redis = redis;
    this.#workerId = workerId;
  }

  listen(callback: () => void): void {
    this.#subscription = this.#redis.kit.subscriber.subscribe(
      workerControlChannel(this.#workerId),
      (message) => {
        // What a handler could not do the heartbeat brings again.
        this.#handle(message).catch(() => undefined);
      },
    );
    // While Redis is away the heartbeat carries what matters, so the worker does not wait for the channel.
    callback();
  }

  close(): void {
    this.#subscription?.unsubscribe();
  }

  on(): void {
    // The connections belong to redis-core, which reports on them itself.
  }

  unwrap<T>(): T {
    return this.#redis as T;
  }

  async #handle(text: string): Promise<void> {
    const message = parse(text);
    if (!message) return;
    const handler = this.getHandlerByPattern(message.pattern);
    if (!handler) return;
    const result: unknown = await handler(message.data);
    const answer: unknown = isObservable(result)
      ? await lastValueFrom(result, { defaultValue: undefined })
      : result;
    if (message.replyTo !== undefined) {
      const reply = JSON.stringify({ id: message.id, data: answer });
      await this.#redis.publish(message.replyTo, reply, { priority: 'high' }).catch(() => undefined);
    }
  }
}

function parse(text: string): ControlMessage | undefined {
  try {
    const message = JSON.parse(text) as Partial<ControlMessage> | null;
    return typeof message?.pattern === 'string' ? (message as ControlMessage) : undefined;
  } catch {
    // Anyone with access to Redis can publish; a message that is none is not ours.
    return undefined;
  }
}
