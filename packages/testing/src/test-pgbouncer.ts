/**
 * A real PgBouncer before a Postgres, in transaction mode with its default settings, as many have one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, makeTemporaryDataDir, unpackDebianProgram } from '@longrun/local-services';
import { sharedDataDir } from './environment.js';
import { waitUntil } from './wait-until.js';

const PGBOUNCER = { name: 'pgbouncer', path: 'usr/sbin/pgbouncer' };
/** Sessions with Postgres: fewer than its clients open, so that they have to share. */
const SERVER_SESSIONS = 4;

export interface TestPgBouncer {
  /** As the URL of the Postgres, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param databaseUrl of the Postgres, with user and password */
export async function startTestPgBouncer(databaseUrl: string): Promise<TestPgBouncer> {
  const note = (sentence: string): void => void process.stdout.write(`${sentence}\n`);
  const program = await unpackDebianProgram(PGBOUNCER, join(sharedDataDir(), 'pgbouncer'), note);
  const port = await freePort();
  const folder = makeTemporaryDataDir('longrun-test-pgbouncer-');
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
  const settings = [
    '[databases]',
    `* = ${server}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${String(port)}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${String(SERVER_SESSIONS)}`,
    // It does not run as root.
    ...(process.getuid?.() === 0 ? ['user = nobody'] : []),
  ];
  const file = join(folder, 'pgbouncer.ini');
  chmodSync(folder, 0o755);
  writeFileSync(file, settings.join('\n'));
  const child = spawn(program, ['--quiet', file], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  await waitUntil(() => isListening(port), { message: 'the pooler to listen' });
  return {
    url: `postgresql://${username}@127.0.0.1:${String(port)}${pathname}`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
