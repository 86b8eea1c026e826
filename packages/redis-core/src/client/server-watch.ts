/**
 * What the server says about itself, asked for in the background now and then: for metrics and {@link ConnectionInfo}.
 */
import type { CommandChannel } from '../connections/command-channel.js';

/** A look at the server. */
export interface ServerState {
  /** Round trip of a PING, milliseconds. */
  readonly latencyMs: number;
  readonly connectedClients: number;
  /** Undefined where the server does not tell. */
  readonly maxClients: number | undefined;
  readonly usedMemoryBytes: number;
  /** Zero for no limit. */
  readonly maxMemoryBytes: number;
  /** Milliseconds since it was taken. */
  readonly ageMs: number;
}

export class ServerWatch {
  private timer: NodeJS.Timeout | undefined;
  private latest: { state: Omit<ServerState, 'ageMs'>; takenAt: number } | undefined;

  /** @param intervalMs pause between two looks; 0 for none at all */
  constructor(
    private readonly channel: CommandChannel,
    private readonly intervalMs: number,
  ) {}

  /** The latest look, however old; undefined before the first. */
  get state(): ServerState | undefined {
    if (this.latest === undefined) return undefined;
    return { ...this.latest.state, ageMs: performance.now() - this.latest.takenAt };
  }

  /** Starts looking every interval. */
  start(): void {
    if (this.intervalMs === 0 || this.timer !== undefined) return;
    this.timer = setInterval(() => void this.look(), this.intervalMs);
    // A look is worth nothing to a process that has nothing else to do.
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Looks now. Never rejects: while the server is away the latest look grows old, which says enough. */
  async look(): Promise<void> {
    if (this.intervalMs === 0) return;
    try {
      const startedAt = performance.now();
      await this.channel.call('PING');
      const latencyMs = performance.now() - startedAt;
      const info = parseInfo(String(await this.channel.call('INFO')));
      const number = (name: string): number => Number(info.get(name) ?? 0);
      this.latest = {
        state: {
          latencyMs,
          connectedClients: number('connected_clients'),
          maxClients: info.has('maxclients') ? number('maxclients') : undefined,
          usedMemoryBytes: number('used_memory'),
          maxMemoryBytes: number('maxmemory'),
        },
        takenAt: performance.now(),
      };
    } catch {
      // See above.
    }
  }
}

function parseInfo(text: string): Map<string, string> {
  const pairs = text.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  return new Map(pairs);
}
