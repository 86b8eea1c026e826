// A Redis for a benchmark, and a proxy with latency before it in a process of its own: it must not take the time of the
// client that is measured.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startTcpProxy, startTestRedis } from '@longrun/testing';

/** Starts a Redis; `delayed(ms)` gives the URL of a proxy with that round trip. */
export async function startServers() {
  const redis = await startTestRedis();
  const proxies = [];
  return {
    url: redis.url,
    pid: redis.pid,
    async delayed(roundTripMs) {
      const child = fork(fileURLToPath(import.meta.url), ['proxy', String(redis.port), String(roundTripMs)]);
      proxies.push(child);
      const [port] = await once(child, 'message');
      return `redis://127.0.0.1:${port}`;
    },
    async stop() {
      for (const child of proxies) {
        child.disconnect();
        await once(child, 'exit');
      }
      await redis.stop();
    },
  };
}

if (process.argv[2] === 'proxy') {
  const proxy = await startTcpProxy({ port: Number(process.argv[3]) });
  // Half of the round trip each way.
  proxy.setLatency(Number(process.argv[4]) / 2);
  process.send(proxy.port);
  process.once('disconnect', () => process.exit());
}
