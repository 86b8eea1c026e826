/**
 * Where Redis is: the URL of a server, of the Sentinels that watch one, or of a cluster, read into its parts.
 *
 * - `redis://[user:password@]host[:6379][/db][?socket=/path]`: with a socket, the server is reached through it, on the same machine, and the host
 *   is a name for it
 * - `redis-sentinel://[user:password@]host[:26379],…[/db]?master=<name>[&sentinelUsername=…&sentinelPassword=…]`
 * - `redis-cluster://[user:password@]host[:6379],…`: a cluster has database 0 only
 *
 * With `rediss` in the place of `redis` everything is spoken over TLS, the Sentinels included. Special characters of a
 * user or password are percent-encoded. No message repeats a password.
 */

/** One server. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
  /** Path of its Unix socket, by which it is reached instead. */
  readonly socket?: string;
}

interface Access {
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

interface SingleAddress extends Access {
  readonly kind: 'single';
  readonly node: NodeAddress;
  readonly db: number;
}

export interface SentinelAddress extends Access {
  readonly kind: 'sentinel';
  readonly sentinels: readonly NodeAddress[];
  /** Name under which the Sentinels know the primary. */
  readonly master: string;
  readonly db: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

interface ClusterAddress extends Access {
  readonly kind: 'cluster';
  /** Some of its nodes, to ask for the others. */
  readonly seeds: readonly NodeAddress[];
}

export type RedisAddress = SingleAddress | SentinelAddress | ClusterAddress;

const FORMS =
  'redis://host:6379/0, redis-sentinel://host:26379,host:26379/0?master=name or redis-cluster://host:6379,host:6379 ' +
  '(rediss for TLS)';
const SCHEME = /^(rediss?)(?:-(sentinel|cluster))?:$/;
const PARTS = /^([a-z-]+:)\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const NODE = /^(\[[0-9a-f:.%]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i;

/**
 * Reads a URL.
 *
 * @throws TypeError for everything that is not one of the forms above; the message says what is wrong, and no password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const [, scheme = '', userinfo, hosts = '', path = '', query = ''] = PARTS.exec(url) ?? [];
  const [, protocol, topology = 'single'] = SCHEME.exec(scheme) ?? [];
  if (protocol === undefined) throw new TypeError(`The Redis URL is not valid; it must look like ${FORMS}.`);
  const access = { tls: protocol === 'rediss', ...parseUserinfo(userinfo) };
  const parameters = new URLSearchParams(query);
  switch (topology) {
    case 'sentinel': {
      allowParameters(parameters, ['master', 'sentinelUsername', 'sentinelPassword']);
      const master = parameters.get('master') ?? '';
      if (master === '') {
        throw new TypeError('The Redis URL names no primary for the Sentinels: add ?master=<name>.');
      }
      const sentinelUsername = parameters.get('sentinelUsername');
      const sentinelPassword = parameters.get('sentinelPassword');
      return {
        kind: 'sentinel',
        ...access,
        sentinels: parseNodes(hosts, 26_379),
        master,
        db: parseDatabase(path),
        ...(sentinelUsername === null ? {} : { sentinelUsername }),
        ...(sentinelPassword === null ? {} : { sentinelPassword }),
      };
    }
    case 'cluster': {
      allowParameters(parameters, []);
      if (parseDatabase(path) !== 0) {
        throw new TypeError(
          `The Redis URL asks for database ${path}, but a Redis Cluster has database 0 only.`,
        );
      }
      return { kind: 'cluster', ...access, seeds: parseNodes(hosts, 6_379) };
    }
    default: {
      allowParameters(parameters, ['socket']);
      const [node, second] = parseNodes(hosts, 6_379);
      if (node === undefined || second !== undefined) {
        throw new TypeError(
          'The Redis URL names several hosts: say redis-sentinel:// or redis-cluster:// for what they are.',
        );
      }
      const socket = parseSocket(parameters.get('socket'), access.tls);
      return { kind: 'single', ...access, node: { ...node, ...socket }, db: parseDatabase(path) };
    }
  }
}

/** The URL of an address without its passwords, for messages. */
export function displayUrl(address: RedisAddress): string {
  const scheme = `redis${address.tls ? 's' : ''}${address.kind === 'single' ? '' : `-${address.kind}`}`;
  const password = address.password === undefined ? '' : ':***';
  const user = encodeURIComponent(address.username ?? '');
  const userinfo = user === '' && password === '' ? '' : `${user}${password}@`;
  switch (address.kind) {
    case 'single':
      return `${scheme}://${userinfo}${nodeName(address.node)}${databasePath(address.db)}${socketParameter(address.node)}`;
    case 'sentinel': {
      const hosts = address.sentinels.map(nodeName).join(',');
      const master = encodeURIComponent(address.master);
      return `${scheme}://${userinfo}${hosts}${databasePath(address.db)}?master=${master}`;
    }
    case 'cluster':
      return `${scheme}://${userinfo}${address.seeds.map(nodeName).join(',')}`;
  }
}

/** `host:port`, unique for a server. */
export function nodeName({ host, port }: NodeAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function parseUserinfo(userinfo: string | undefined): { username?: string; password?: string } {
  if (userinfo === undefined || userinfo === '') return {};
  const colon = userinfo.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? userinfo : userinfo.slice(0, colon));
    const password = colon < 0 ? undefined : decodeURIComponent(userinfo.slice(colon + 1));
    return { ...(username === '' ? {} : { username }), ...(password === undefined ? {} : { password }) };
  } catch {
    throw new TypeError(
      'The user or password of the Redis URL is not percent-encoded: write %25 for %, %40 for @, %2F for /.',
    );
  }
}

function parseNodes(hosts: string, defaultPort: number): NodeAddress[] {
  return hosts.split(',').map((text) => {
    const [, host, digits] = NODE.exec(text) ?? [];
    const port = digits === undefined ? defaultPort : Number(digits);
    if (host === undefined || port < 1 || port > 65_535) {
      // Repeated only where it cannot be part of a password that was not encoded.
      throw new TypeError(
        `The Redis URL has a host that is not valid (number ${String(hosts.split(',').indexOf(text) + 1)}): ` +
          'write host:port, and percent-encode special characters of a user or password.',
      );
    }
    return { host: host.replace(/^\[|\]$/g, ''), port };
  });
}

function parseDatabase(path: string): number {
  if (path === '') return 0;
  if (!/^\d{1,9}$/.test(path)) {
    throw new TypeError('The path of the Redis URL must be the number of a database, as in /0.');
  }
  return Number(path);
}

function parseSocket(path: string | null, tls: boolean): { socket?: string } {
  if (path === null) return {};
  if (tls)
    throw new TypeError('The Redis URL asks for TLS on a Unix socket: say redis://, or leave out socket.');
  if (!path.startsWith('/')) {
    throw new TypeError(
      'The parameter socket of the Redis URL must be an absolute path, as in ?socket=/run/redis/redis.sock.',
    );
  }
  return { socket: path };
}

function socketParameter({ socket }: NodeAddress): string {
  return socket === undefined ? '' : `?socket=${encodeURI(socket)}`;
}

function databasePath(db: number): string {
  return db === 0 ? '' : `/${String(db)}`;
}

function allowParameters(parameters: URLSearchParams, names: string[]): void {
  for (const name of parameters.keys()) {
    if (names.includes(name)) continue;
    // A parameter's name may be the rest of a password that was not encoded.
    const known = names.length === 0 ? 'none' : names.join(', ');
    throw new TypeError(`The Redis URL has a parameter that is not known; known here: ${known}.`);
  }
}
