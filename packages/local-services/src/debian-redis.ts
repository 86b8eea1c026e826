/**
 * A Redis server out of Debian's (or Ubuntu's) own packages, for machines that have none.
 */
import { NoDebianError, unpackDebianProgram } from './debian-program.js';
import { LocalServiceError } from './local-service.js';

const INSTALL_HINT =
  'Install one (Debian, Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), ' +
  'or name one in REDIS_SERVER_BIN, or set REDIS_URL.';

/** The server of the package is a link to a program of the other. */
const REDIS = { name: 'redis-server', path: 'usr/bin/redis-server', companions: ['redis-tools'] };

/**
 * Unpacks the packages below `folder`, unless they are there.
 *
 * @returns a program that starts the server with the unpacked libraries
 * @throws LocalServiceError when this is no such system or the packages cannot be had; the message has the remedy
 */
export async function unpackRedisPackages(folder: string, note: (sentence: string) => void): Promise<string> {
  try {
    return await unpackDebianProgram(REDIS, folder, note);
  } catch (error) {
    if (error instanceof NoDebianError)
      throw new LocalServiceError(`There is no redis-server on this machine. ${INSTALL_HINT}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalServiceError(
      `No Redis: the system's packages could not be unpacked (${reason}). ${INSTALL_HINT}`,
      { cause: error },
    );
  }
}
