/**
 * A real redis-server for this package's tests, on a free port of the loopback, without persistence.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server; throws when none is installed. */
export async function startTestRedis(extraArguments: string[] = []): Promise<TestRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'redis-core-test-'));
  let server = await start(port, directory, extraArguments);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    signal: (name) => {
      server.kill(name);
    },
    kill,
    restart: async () => {
      server = await start(port, directory, extraArguments);
    },
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function start(port: number, directory: string, extraArguments: string[]): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(findBinary(), [...options, '--dir', directory, ...extraArguments], {
    stdio: 'ignore',
  });
  for (;;) {
    const socket = createConnection(port, '127.0.0.1');
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (connected) return server;
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${String(server.exitCode)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function findBinary(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['REDIS_SERVER_BIN'] ?? '',
    ...folders.flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')]),
  ];
  for (const candidate of candidates) {
    try {
      if (candidate === '') continue;
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next one.
    }
  }
  throw new Error('These tests need redis-server or valkey-server on the PATH, or REDIS_SERVER_BIN.');
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
