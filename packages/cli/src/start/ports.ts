/**
 * Which port each api gets.
 */
import { freePort, isPortFree } from '@longrun/local-services';

/** Ports for `count` apis: the first as asked, the others behind it, or any free one. */
export async function chooseApiPorts(
  wanted: { port: number; required: boolean; count: number },
  note: (sentence: string) => void,
): Promise<number[]> {
  const first = await chooseFirst(wanted.port, wanted.required, note);
  const ports = [first];
  while (ports.length < wanted.count) {
    const next = first + ports.length;
    ports.push(next <= 65_535 && (await isPortFree(next)) ? next : await freePort());
  }
  return ports;
}

async function chooseFirst(
  port: number,
  required: boolean,
  note: (sentence: string) => void,
): Promise<number> {
  if (port === 0) return freePort();
  if (await isPortFree(port)) return port;
  if (required) {
    throw new Error(`Port ${String(port)} is taken. Stop what listens there, or choose another with --port.`);
  }
  const other = await freePort();
  note(`Port ${String(port)} is taken: using ${String(other)}.`);
  return other;
}
