// A process that stops as its argument says; it tells its parent when it is ready and when it began to stop.
import { announceReady, createLogger, stopOnSignal } from '../dist/index.js';

const [mode, deadlineMs] = process.argv.slice(2);
const log = createLogger('stopping', { LOG_LEVEL: 'info' });
let stops = 0;
// Without this nothing would keep the process alive.
const work = setInterval(() => undefined, 60_000);

stopOnSignal(log, Number(deadlineMs), async () => {
  stops += 1;
  process.stdout.write(`stop ${stops}\n`);
  if (mode === 'fails') throw new Error('cannot stop');
  if (mode === 'hangs') await new Promise(() => undefined);
  if (mode === 'twice') {
    process.kill(process.pid, 'SIGINT');
    process.kill(process.pid, 'SIGTERM');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  clearInterval(work);
  process.stdout.write('stopped\n');
});
announceReady({ id: 'x' });
