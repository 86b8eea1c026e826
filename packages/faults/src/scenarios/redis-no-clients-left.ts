/**
 * Others hold all connections that Redis has to give.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { startOneRedis } from '../harness/one-redis.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { pause, type Scenario } from '../scenario.js';

/** More than the stack needs, which has room when they have left. */
const OTHERS = 60;
const TAKEN_MS = 10_000;

export const redisNoClientsLeft: Scenario = {
  name: 'redis-no-clients-left',
  fault: 'maxclients is reached: others hold every connection for 10 s, and ours are closed',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: () => TAKEN_MS,
    async strike({ server }) {
      const admin = new Redis(server.url);
      const others: Socket[] = [];
      try {
        for (let index = 0; index < OTHERS; index += 1) {
          const socket = connect(server.port, '127.0.0.1');
          await once(socket, 'connect');
          others.push(socket);
        }
        // The others and this one: from now on nobody else gets in.
        await admin.config('SET', 'maxclients', OTHERS + 1);
        for (const client of String(await admin.client('LIST')).split('\n')) {
          const [, id] = /^id=(\d+) .* name=[^ ]/.exec(client) ?? [];
          if (id !== undefined) await admin.client('KILL', 'ID', id);
        }
        await pause(TAKEN_MS);
      } finally {
        for (const socket of others) socket.destroy();
        admin.disconnect();
      }
    },
  }),
};
