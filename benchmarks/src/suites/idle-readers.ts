/**
 * What a reader costs that waits: memory of the process that has it, on servers that were started for this alone, since memory that a
 * load has left behind would hide it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withContenders, type Contender } from '../contenders/contender.js';
import { startFloor } from '../contenders/floor.js';
import { startLongrun } from '../contenders/longrun.js';
import { countClients } from '../counts/redis-commands.js';
import { readUsage } from '../harness/process-usage.js';
import { gatherReaders } from '../load/gather-readers.js';
import { makeGate } from '../load/gate.js';
import { createRun, streamRun, tokens } from '../load/run-requests.js';
import { figure, ratio, type Table } from '../report/markdown.js';
import { clientOf } from './clients.js';

const KB_PER_MB = 1_024;
/** Readers before the memory is read for the first time: what they need is loaded then. */
const FIRST_READERS = 200;
/** For garbage to be collected. */
const SETTLE_MS = 3_000;

interface IdleReaders {
  readonly contender: string;
  readonly rssPerReaderKb: number;
  readonly redisConnectionsMore: number;
}

/** Gathers `readers` on one run that says nothing yet. */
export async function measureIdleReaders(
  readers: number,
  note: (sentence: string) => void,
): Promise<{ table: Table; figures: readonly IdleReaders[] }> {
  const figures = await withContenders([startLongrun, startFloor], async (contenders) => {
    const all: IdleReaders[] = [];
    for (const contender of contenders) {
      note(`${readers.toLocaleString('en-US')} idle readers of ${contender.name}`);
      all.push(await measure(contender, readers));
    }
    return all;
  });
  const floor = figures.find(({ contender }) => contender === 'floor')?.rssPerReaderKb;
  return {
    figures,
    table: {
      title: `${readers.toLocaleString('en-US')} idle readers of one run`,
      head: ['contender', 'RSS per reader, KB', '÷ floor', 'Redis connections more'],
      rows: figures.map(({ contender, rssPerReaderKb, redisConnectionsMore }) => [
        contender,
        figure(rssPerReaderKb),
        ratio(rssPerReaderKb, floor),
        figure(redisConnectionsMore),
      ]),
    },
  };
}

async function measure(contender: Contender, count: number): Promise<IdleReaders> {
  const client = clientOf(contender);
  await streamRun(client, tokens(10, 0));
  const gate = makeGate();
  try {
    const run = await createRun(client, tokens(1, 0, gate.path));
    const first = await gatherReaders(client, run, FIRST_READERS);
    await sleep(SETTLE_MS);
    const [memory, connections] = [memoryKb(contender), await redisConnections(contender)];
    const others = await gatherReaders(client, run, count);
    await sleep(SETTLE_MS);
    const rssPerReaderKb = (memoryKb(contender) - memory) / count;
    const redisConnectionsMore = (await redisConnections(contender)) - connections;
    gate.open();
    await Promise.all([first.ended, others.ended]);
    return { contender: contender.name, rssPerReaderKb, redisConnectionsMore };
  } finally {
    gate.remove();
  }
}

/** Of the process that has the readers. */
function memoryKb(contender: Contender): number {
  const name = contender.kind === 'longrun' ? 'api' : 'server';
  const processes = contender.processes().filter((process) => process.name === name);
  return (readUsage(processes).rssMb[name] ?? 0) * KB_PER_MB;
}

/** Connections to the contender's Redis; 0 when it has none. */
export async function redisConnections(contender: Contender): Promise<number> {
  return contender.redisUrl === undefined ? 0 : countClients(contender.redisUrl);
}
