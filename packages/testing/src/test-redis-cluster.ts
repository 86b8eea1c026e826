/**
 * A real Redis Cluster: masters with replicas, each a process that a test may kill and freeze, and slots that it may
 * move.
 */
import { freePort, isPortFree } from '@longrun/local-services';

import { askRedis } from './ask-redis.js';
import { startTestRedis } from './test-redis.js';
import type { TestRedis } from './test-redis.js';
import { waitUntil } from './wait-until.js';

const SLOTS = 16_384;
/** Every server also listens this far above its port, for the others. */
const BUS_OFFSET = 10_000;
/** A server that is silent for so long is down; short, since a test waits for it. */
const NODE_TIMEOUT_MS = 1_000;
const START_LIMIT_MS = 30_000;

/** A slot on its way to another master. */
export interface SlotMove {
  /** Takes along the keys of the slot that are there now: the old master answers ASK for them then. */
  moveKeys(): Promise<void>;
  /** Tells every master who has the slot: the old one answers MOVED from now on. */
  finish(): Promise<void>;
}

/** The servers of a cluster. */
export interface TestRedisCluster {
  /** `redis-cluster://…`, all servers named. */
  readonly url: string;
  /** First those that were masters at the start, in the order of their slots. */
  readonly servers: readonly TestRedis[];
  /** The server that has a slot, as most servers see it. */
  masterOf(slot: number): Promise<TestRedis>;
  /** Marks a slot as moving from its master to another one; nothing has moved yet. */
  beginMove(slot: number, target: TestRedis): Promise<SlotMove>;
  /** Moves a slot with all its keys. */
  moveSlot(slot: number, target: TestRedis): Promise<void>;
  /** Waits until every server that lives sees a whole cluster. */
  waitUntilWhole(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts masters (default 3) with one replica each (default), and waits until the cluster is whole. */
export async function startTestRedisCluster(
  options: { masters?: number; replicas?: number } = {},
): Promise<TestRedisCluster> {
  const { masters: masterCount = 3, replicas: replicaCount = 1 } = options;
  const servers: TestRedis[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers) {
      // A frozen one would keep the signal that ends it for later.
      server.signal('SIGCONT');
      await server.stop();
    }
  };
  const startServers = async (): Promise<void> => {
    for (let i = 0; i < masterCount * (1 + replicaCount); i += 1) servers.push(await startNode());
    await form(servers, masterCount);
  };
  await startServers().catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const beginMove = async (slot: number, target: TestRedis): Promise<SlotMove> => {
    const source = await ownerOf(servers, slot);
    const [sourceId, targetId] = await Promise.all([source, target].map(idOf));
    await askRedis(target.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId ?? '');
    await askRedis(source.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId ?? '');
    return {
      moveKeys: async () => {
        const keys = (await askRedis(source.port, 'CLUSTER', 'GETKEYSINSLOT', slot, 10_000)) as string[];
        if (keys.length === 0) return;
        await askRedis(source.port, 'MIGRATE', '127.0.0.1', target.port, '', 0, 5_000, 'KEYS', ...keys);
      },
      finish: async () => {
        const others = servers.filter((server) => server !== target && server !== source);
        // The new owner first: between the two nobody would have the slot.
        for (const { port } of [target, source, ...others]) {
          await askRedis(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', targetId ?? '').catch((error: unknown) => {
            // Replicas learn it from their masters.
            if (!/can only be sent to a master|Please use SETSLOT only with masters/.test(String(error)))
              throw error;
          });
        }
      },
    };
  };

  return {
    url: `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${String(port)}`).join(',')}`,
    servers,
    masterOf: (slot) => ownerOf(servers, slot),
    beginMove,
    moveSlot: async (slot, target) => {
      const move = await beginMove(slot, target);
      await move.moveKeys();
      await move.finish();
    },
    waitUntilWhole: () => waitUntilWhole(servers),
    stop,
  };
}

async function startNode(): Promise<TestRedis> {
  return startTestRedis({
    port: await freePortWithBus(),
    serverArguments: [
      ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
      ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
    ],
  });
}

async function freePortWithBus(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_OFFSET <= 65_535 && (await isPortFree(port + BUS_OFFSET))) return port;
  }
}

/** What `redis-cli --cluster create` does. */
async function form(servers: readonly TestRedis[], masterCount: number): Promise<void> {
  const masters = servers.slice(0, masterCount);
  const [first] = masters;
  if (first === undefined) throw new RangeError('A cluster needs at least one master.');
  for (const [i, { port }] of masters.entries()) {
    const from = Math.floor((i * SLOTS) / masterCount);
    const to = Math.floor(((i + 1) * SLOTS) / masterCount) - 1;
    await askRedis(port, 'CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  for (const [i, { port }] of servers.entries()) await askRedis(port, 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
  for (const { port } of servers.slice(1)) {
    await askRedis(first.port, 'CLUSTER', 'MEET', '127.0.0.1', port);
  }
  await waitUntil(
    () => everyone(servers, (info) => info.get('cluster_known_nodes') === String(servers.length)),
    {
      timeoutMs: START_LIMIT_MS,
      message: 'the servers of the cluster to know each other',
    },
  );
  for (const [i, { port }] of servers.slice(masterCount).entries()) {
    const master = masters[i % masterCount] ?? first;
    const id = await idOf(master);
    await waitUntil(() => askRedis(port, 'CLUSTER', 'REPLICATE', id).then(() => true));
  }
  await waitUntilWhole(servers);
  // A master counts a replica as one a little later than the replica itself.
  const replicaCount = servers.length / masterCount - 1;
  for (const { port } of masters) {
    await waitUntil(
      async () => ((await askRedis(port, 'ROLE')) as [string, number, unknown[]])[2].length === replicaCount,
      {
        timeoutMs: START_LIMIT_MS,
        message: 'a master to see its replicas',
      },
    );
  }
}

async function waitUntilWhole(servers: readonly TestRedis[]): Promise<void> {
  await waitUntil(
    async () => {
      const isWhole = await everyone(servers, (info) => info.get('cluster_state') === 'ok');
      return isWhole && (await Promise.all(servers.map(hasItsCopies))).every(Boolean);
    },
    { timeoutMs: START_LIMIT_MS, message: 'the cluster to be whole' },
  );
}

async function everyone(
  servers: readonly TestRedis[],
  condition: (info: ReadonlyMap<string, string>) => boolean,
): Promise<boolean> {
  const answers = await Promise.all(servers.map((server) => clusterInfo(server)));
  return answers.every((info) => info === undefined || condition(info));
}

/** Undefined for a server that is away. */
async function clusterInfo({ port }: TestRedis): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const text = String(await askRedis(port, 'CLUSTER', 'INFO'));
    return new Map(text.split('\r\n').map((line) => line.split(':') as [string, string]));
  } catch {
    return undefined;
  }
}

/** A replica that is not in step would lose what the test has written. True also for a server that is away. */
async function hasItsCopies({ port }: TestRedis): Promise<boolean> {
  try {
    const role = (await askRedis(port, 'ROLE')) as unknown[];
    return role[0] === 'master' || role[3] === 'connected';
  } catch {
    return true;
  }
}

async function idOf({ port }: TestRedis): Promise<string> {
  return String(await askRedis(port, 'CLUSTER', 'MYID'));
}

async function ownerOf(servers: readonly TestRedis[], slot: number): Promise<TestRedis> {
  const votes = new Map<number, number>();
  for (const { port } of servers) {
    const ranges = await askRedis(port, 'CLUSTER', 'SLOTS').catch(() => []);
    for (const [from, to, [, owner]] of ranges as [number, number, [string, number]][]) {
      if (from <= slot && slot <= to) votes.set(owner, (votes.get(owner) ?? 0) + 1);
    }
  }
  const [winner] = [...votes].sort(([, a], [, b]) => b - a)[0] ?? [];
  const server = servers.find(({ port }) => port === winner);
  if (server === undefined) throw new Error(`No server of the cluster has slot ${String(slot)}.`);
  return server;
}
