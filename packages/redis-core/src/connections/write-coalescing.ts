/**
 * Write coalescing: everything written to a socket in one turn of the event loop leaves in one system call. This is
 * what makes one connection faster than a pool; ioredis writes every command on its own.
 */
import type { Socket } from 'node:net';

/** Corks the first write of every turn and uncorks when the turn is over. Adds no waiting: there is no timer. */
export function coalesceWrites(socket: Socket): void {
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const coalescedWrite = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(uncork);
    }
    return write(...args);
  };
  // The overloads of `write` cannot be expressed in one function type; every argument is passed through.
  socket.write = coalescedWrite;
}
