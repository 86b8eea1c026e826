/**
 * A Postgres of a benchmark's own, with the settings that the product gives its embedded one: every commit reaches the disk.
 */
import { rmSync } from 'node:fs';
import { makeTemporaryDataDir, startPostgres } from '@longrun/local-services';
import { stoppedAtExit } from './cleanups.js';

export interface DurablePostgres {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startDurablePostgres(): Promise<DurablePostgres> {
  const dataDir = makeTemporaryDataDir('longrun-bench-postgres-');
  const server = await startPostgres({ dataDir }).catch((error: unknown) => {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  return {
    url: server.url,
    pid: server.pid,
    stop: stoppedAtExit(async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }),
  };
}
