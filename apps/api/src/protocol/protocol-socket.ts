/**
 * One WebSocket of protocol v2: commands come in and are answered in their order, events of its subscriptions go out.
 */
import type { WebSocket } from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import { Heartbeats, type Beating } from '../http/heartbeats.js';
import { parseBody } from '../http/json-body.js';
import { parseCommand, type CommandContext, type Subscriptions } from './command.js';
import type { ProtocolCommands } from './protocol-commands.service.js';
import { ProtocolError, toProtocolError } from './protocol-error.js';
import type { ProtocolStreams } from './protocol-stream.service.js';
import { SocketStream } from './socket-stream.js';

/** Subscriptions of one connection: every event is held against each of them. */
const SUBSCRIPTIONS_AT_MOST = 100;
/** Commands that wait for their turn before nothing more is read from the client. */
const COMMANDS_AT_MOST = 32;
/** Pings without an answer after which a connection, to which all has been handed over, is taken for dead. */
const SILENT_BEATS = 4;

/** Close codes. Source: RFC 6455 and the IANA registry. */
const TRY_AGAIN_LATER = 1013;
/** Clients take this and a status for the status of an answer. Source: the SDK. */
const REFUSED = 4_000;

const heartbeats = new Heartbeats();

export class ProtocolSocket implements Beating {
  readonly #stream: SocketStream;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #unanswered = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly request: FastifyRequest,
    private readonly threadId: string,
    private readonly commands: ProtocolCommands,
    streams: ProtocolStreams,
  ) {
    this.#stream = new SocketStream(
      socket,
      (following, sink) => streams.start(threadId, following, sink, request.access),
      (refusal) => this.#end(refusal),
    );
    heartbeats.add(this);
    socket.on('pong', () => (this.#unanswered = 0));
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    socket.on('close', () => {
      heartbeats.delete(this);
      this.#stream.close();
    });
  }

  /** For the heartbeats. A client that does not read is no dead one: what it was sent still waits here. */
  beat(): void {
    if (this.socket.bufferedAmount > 0) return;
    if (this.#unanswered >= SILENT_BEATS) {
      this.socket.terminate();
      return;
    }
    this.#unanswered += 1;
    this.socket.ping();
  }

  #receive(text: string): void {
    this.#waiting += 1;
    if (this.#waiting >= COMMANDS_AT_MOST) this.socket.pause();
    // One after the other: what a command does, the next one finds.
    this.#turn = this.#turn
      .then(() => this.#answer(text))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#waiting < COMMANDS_AT_MOST && this.socket.isPaused) this.socket.resume();
      });
  }

  /** Never rejects. */
  async #answer(text: string): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const opened: (() => void)[] = [];
    try {
      const command = parseCommand(parseBody(text));
      const context: CommandContext = {
        threadId: this.threadId,
        command,
        request: this.request,
        subscriptions: this.#subscriptions(opened),
      };
      this.socket.send(JSON.stringify(await this.commands.answer(context)));
    } catch (thrown) {
      const { code, message } = toProtocolError(thrown);
      this.socket.send(JSON.stringify({ type: 'error', id: null, error: code, message }));
    }
    // A client knows its subscription by the answer: events must not come before.
    for (const start of opened) start();
  }

  #subscriptions(opened: (() => void)[]): Subscriptions {
    let wanted = this.#stream.count;
    return {
      open: ({ filter, from }, id) => {
        if ((wanted += 1) > SUBSCRIPTIONS_AT_MOST) {
          throw new ProtocolError(
            'invalid_argument',
            `A connection has ${SUBSCRIPTIONS_AT_MOST} subscriptions at most; ask for more channels in one, or open another connection.`,
          );
        }
        opened.push(() => this.#stream.add(id, filter, from));
        return id;
      },
      close: (id) => this.#stream.remove(id),
    };
  }

  /** The stream cannot go on, which its client learns by the connection. */
  #end(refusal: ProtocolError | undefined): void {
    if (refusal === undefined) this.socket.close(TRY_AGAIN_LATER, 'come back');
    else refuseSocket(this.socket, refusal.code === 'permission_denied' ? 403 : 404, refusal.message);
  }
}

/** Closes a connection with the status that the stream would have had over HTTP: its client does not come back. */
export function refuseSocket(socket: WebSocket, status: number, reason: string): void {
  // A frame of control has room for 123 bytes.
  socket.close(REFUSED + status, reason.slice(0, 60));
}
