/**
 * Write coalescing: what is written to a socket in one turn of the event loop leaves in a few packets, not in one for every
 * command. This is what makes one connection faster than a pool; ioredis writes every command on its own.
 */
import type { Socket } from 'node:net';

/** Commands that leave together at most. */
const COMMANDS_PER_PACKET = 16;

/**
 * The first write of a turn leaves at once, so that the server has something to do and a lone command waits for nothing; the
 * others leave as one string whenever there are sixteen, and when the turn's microtasks are done. There is no timer.
 *
 * Measured on SET, in times the rate of plain ioredis. 10 in flight: 1.3, but 0.7 when the first write waits too. 100 in flight:
 * 2.2, but 1.8 when all others leave together, since client and server then wait for each other; 1.7 with 32 at a time. One
 * string costs a tenth less per command than as many chunks in a corked socket.
 */
export function coalesceWrites(socket: Socket): void {
  let isCollecting = false;
  let text = '';
  let commands = 0;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const sendText = (): void => {
    if (text === '') return;
    const collected = text;
    text = '';
    commands = 0;
    write(collected);
  };
  const endTurn = (): void => {
    isCollecting = false;
    // A socket that has ended meanwhile loses nothing: whoever waits for an answer is told that the connection is gone.
    if (socket.writable) sendText();
    else text = '';
    commands = 0;
  };
  const coalescedWrite = (...args: unknown[]): boolean => {
    const [chunk] = args;
    if (isCollecting && typeof chunk === 'string' && args.length === 1) {
      text += chunk;
      commands += 1;
      if (commands === COMMANDS_PER_PACKET) sendText();
      return true;
    }
    // Whatever is not plain text keeps its place among the others.
    sendText();
    if (!isCollecting) {
      isCollecting = true;
      process.nextTick(endTurn);
    }
    return write(...args);
  };
  // The overloads of `write` cannot be expressed in one function type; every argument is passed through.
  socket.write = coalescedWrite;
}
