/**
 * What a database started here is to its owner.
 */

/** A running server. */
export interface LocalService {
  readonly url: string;
  /**
   * The same server through its Unix socket, for processes of this machine: a round trip takes about two thirds of the time of one over the
   * loopback. Undefined where the path of the data directory is too long for a socket.
   */
  readonly socketUrl?: string | undefined;
  /** The process that does the work. */
  readonly pid: number;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Stops it in an orderly way; resolves when it is gone. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where a service lives. */
export interface LocalServiceOptions {
  /** Folder for its data and logs; made when missing. */
  readonly dataDir: string;
  /** Port on the loopback. Default: a free one. */
  readonly port?: number;
  /** Told, in one sentence, what a user should know. Default: nobody. */
  readonly note?: (sentence: string) => void;
}

/** Longest path of a socket on every system that has them (`sun_path`, of macOS), bytes. Source: unix(4). */
const SOCKET_PATH_BYTES = 103;

/** Whether a socket can have this path. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= SOCKET_PATH_BYTES;
}

/** A service could not be started; the message says why and what to do. */
export class LocalServiceError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LocalServiceError';
  }
}
