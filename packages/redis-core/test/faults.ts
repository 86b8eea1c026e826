/**
 * What can happen to a Redis and to the way there, each with its end. A fault is begun, lasts, and is healed.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { TcpProxy, TestRedis } from '@longrun/testing';
import type { Redis } from 'ioredis';

/** What a fault is done with. */
export interface Stage {
  readonly server: TestRedis;
  /** Between the client under test and the server. */
  readonly proxy: TcpProxy;
  /** A connection of the test's own, directly to the server; made anew after a restart. */
  admin(): Promise<Redis>;
}

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  /** Begins it; resolves when it has lasted long enough, and is over or needs `heal`. */
  happen(stage: Stage): Promise<void>;
  heal?(stage: Stage): Promise<void>;
  /** Data may be gone afterwards: what was executed may not show. */
  readonly losesData?: boolean;
}

/** How long the lasting faults last: longer than a command may take. */
const LASTING_MS = 700;

export const FAULTS: readonly Fault[] = [
  {
    name: 'replies are lost with their connections',
    happen: async ({ proxy }) => {
      for (let i = 0; i < 8; i += 1) {
        proxy.setDropReplies(true);
        await pause(20);
        proxy.resetAll();
        proxy.setDropReplies(false);
        await pause(80);
      }
    },
  },
  {
    name: 'answers stop arriving on connections that stay open',
    happen: async ({ proxy }) => {
      proxy.setDropReplies(true);
      await pause(LASTING_MS);
    },
    heal: async ({ proxy }) => {
      proxy.setDropReplies(false);
    },
  },
  {
    name: 'both directions go silent',
    happen: async ({ proxy }) => {
      proxy.setBlackhole(true);
      await pause(LASTING_MS);
    },
    heal: async ({ proxy }) => {
      proxy.setBlackhole(false);
    },
  },
  {
    name: 'the connection is reset in the middle of a reply',
    happen: async ({ proxy }) => {
      for (let i = 0; i < 8; i += 1) {
        proxy.setCutWithinReply(2);
        await pause(20);
        proxy.setCutWithinReply(0);
        await pause(80);
      }
    },
  },
  {
    name: 'replies arrive one byte at a time',
    happen: async ({ proxy }) => {
      proxy.setReplySlice(1);
      await pause(300);
    },
    heal: async ({ proxy }) => {
      proxy.setReplySlice(0);
    },
  },
  {
    name: 'connections are closed at the handshake',
    happen: async ({ proxy }) => {
      proxy.setRefusing(true);
      proxy.resetAll();
      await pause(LASTING_MS);
    },
    heal: async ({ proxy }) => {
      proxy.setRefusing(false);
    },
  },
  {
    name: 'the server is loading its data',
    happen: async ({ admin }) => {
      const redis = await admin();
      await redis.call('DEBUG', 'POPULATE', '200', 'load');
      await redis.call('CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024');
      await redis.call('CONFIG', 'SET', 'key-load-delay', '4000');
      await redis.call('DEBUG', 'RELOAD');
      await redis.call('CONFIG', 'SET', 'key-load-delay', '0');
    },
  },
  {
    name: 'the server has become a replica',
    happen: async ({ admin }) => {
      await (await admin()).call('REPLICAOF', '127.0.0.1', '1');
      await pause(LASTING_MS);
    },
    heal: async ({ admin }) => {
      await (await admin()).call('REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    name: 'the memory is full',
    happen: async ({ admin }) => {
      await (await admin()).call('CONFIG', 'SET', 'maxmemory', '1');
      await pause(LASTING_MS);
    },
    heal: async ({ admin }) => {
      await (await admin()).call('CONFIG', 'SET', 'maxmemory', '0');
    },
  },
  {
    name: 'no more clients are allowed',
    happen: async ({ admin }) => {
      const redis = await admin();
      await redis.call('CONFIG', 'SET', 'maxclients', '1');
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await pause(LASTING_MS);
    },
    heal: async ({ admin }) => {
      await (await admin()).call('CONFIG', 'SET', 'maxclients', '1000');
    },
  },
  {
    name: 'all clients are paused',
    happen: async ({ admin }) => {
      await (await admin()).call('CLIENT', 'PAUSE', String(LASTING_MS), 'ALL');
      await pause(LASTING_MS);
    },
  },
  {
    name: 'writing clients are paused',
    happen: async ({ admin }) => {
      await (await admin()).call('CLIENT', 'PAUSE', String(LASTING_MS), 'WRITE');
      await pause(LASTING_MS);
    },
  },
  {
    name: 'connections are killed again and again',
    happen: async ({ admin }) => {
      const redis = await admin();
      for (let i = 0; i < 8; i += 1) {
        await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await pause(60);
      }
    },
  },
  {
    name: 'the server is busy with something long',
    happen: async ({ admin }) => {
      await (await admin()).call('DEBUG', 'SLEEP', '0.7');
    },
  },
  {
    name: 'the scripts are flushed',
    happen: async ({ admin }) => {
      const redis = await admin();
      for (let i = 0; i < 10; i += 1) {
        await redis.call('SCRIPT', 'FLUSH');
        await pause(20);
      }
    },
  },
  {
    name: 'the server is frozen, and thaws',
    happen: async ({ server }) => {
      server.signal('SIGSTOP');
      await pause(LASTING_MS);
    },
    heal: async ({ server }) => {
      server.signal('SIGCONT');
    },
  },
  {
    name: 'the server is killed, and started empty',
    happen: async ({ server }) => {
      await server.kill();
      await pause(LASTING_MS);
    },
    heal: async ({ server }) => {
      await server.restart();
    },
    losesData: true,
  },
  {
    name: 'everything is flushed',
    happen: async ({ admin }) => {
      await (await admin()).call('FLUSHALL');
      await pause(100);
    },
    losesData: true,
  },
];
