/**
 * The event streams of protocol v2 that are open in this process, over whatever transport.
 */
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { RunEventHub, type RunEventBus } from '@longrun/runs';
import { isPostgresUnavailable } from '@longrun/database';
import type { Logger } from '@longrun/service-kit';
import { AccessRefused } from '../auth/access-refused.js';
import type { RequestAccess } from '../auth/request-access.js';
import { BUS, LOGGER } from '../tokens.js';
import { ProtocolError, toProtocolError } from './protocol-error.js';
import { ProtocolThreads } from './protocol-threads.service.js';
import { followThread, type EventSink, type Following } from './thread-follower.js';

/** A sink that can be ended from here. */
export interface OpenSink extends EventSink {
  /** @param refusal why its client must not come back; without it may */
  end(refusal?: ProtocolError): void;
}

@Injectable()
export class ProtocolStreams implements BeforeApplicationShutdown {
  readonly #open = new Set<OpenSink>();

  constructor(
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Streams open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /**
   * Streams until the client or this process goes, or the thread is one that the caller may not know of. Returns at once: nothing holds
   * the request.
   */
  start(threadId: string, following: Following, sink: OpenSink, access: RequestAccess): void {
    void this.#stream(threadId, following, sink, access);
  }

  /** Never rejects. */
  async #stream(
    threadId: string,
    following: Following,
    sink: OpenSink,
    access: RequestAccess,
  ): Promise<void> {
    this.#open.add(sink);
    let refusal: ProtocolError | undefined;
    try {
      const { bus, hub, threads } = this;
      const ask = (): Promise<void> => threads.ask(access, threadId);
      await followThread({ bus, hub, threads, ask }, threadId, following, sink);
    } catch (error) {
      const isRefused = error instanceof ProtocolError || error instanceof AccessRefused;
      if (isRefused) {
        refusal = toProtocolError(error);
        sink.tell(refusal);
        return;
      }
      if (!isPostgresUnavailable(error)) this.log.error({ err: error, threadId }, 'protocol stream failed');
      if (!sink.isClosed)
        sink.tell(new ProtocolError('unknown_error', 'The stream cannot go on for now; come back.'));
    } finally {
      this.#open.delete(sink);
      sink.end(refusal);
    }
  }

  beforeApplicationShutdown(): void {
    for (const sink of this.#open) sink.end();
  }
}
