/**
 * Finds a Redis server to run: the one that was named, the one on the PATH, or else the system's packages unpacked
 * into the data directory, with the system itself unchanged.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { searchPath } from './config/environment.js';
import { unpackRedisPackages } from './debian-redis.js';
import { LocalServiceError } from './local-service.js';

const NAMES = ['redis-server', 'valkey-server'];

/** Where to look, and where to unpack. */
export interface FindRedisOptions {
  readonly dataDir: string;
  /** A program that the user named. */
  readonly binary?: string | undefined;
  /** Folders to search. Default: the PATH. */
  readonly path?: string;
  readonly note?: (sentence: string) => void;
}

/**
 * A program that starts a Redis server, or Valkey.
 *
 * @throws LocalServiceError when there is none; the message has the command to run
 */
export async function findRedisServer(options: FindRedisOptions): Promise<string> {
  if (options.binary !== undefined && options.binary !== '') {
    if (isExecutable(options.binary)) return options.binary;
    throw new LocalServiceError(
      `REDIS_SERVER_BIN is ${options.binary}, which is not a program. Correct or unset it.`,
    );
  }
  for (const folder of (options.path ?? searchPath()).split(delimiter)) {
    for (const name of NAMES) {
      const candidate = join(folder, name);
      if (folder !== '' && isExecutable(candidate)) return candidate;
    }
  }
  return unpackRedisPackages(join(options.dataDir, 'redis'), options.note ?? (() => undefined));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
