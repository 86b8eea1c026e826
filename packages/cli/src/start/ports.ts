/**
 * Which port each api gets.
 */
import { isPortFree } from '@longrun/local-services';

/**
 * Ports for `count` apis: the first as asked, the others behind it. 0 where any will do: then the api takes a free one
 * itself and says which, because one that was looked up here could be taken by the time that the api listens.
 */
export async function chooseApiPorts(
  wanted: { port: number; required: boolean; count: number },
  note: (sentence: string) => void,
): Promise<number[]> {
  const first = await chooseFirst(wanted.port, wanted.required, note);
  const ports = [first];
  while (ports.length < wanted.count) {
    const next = first + ports.length;
    ports.push(first > 0 && next <= 65_535 && (await isPortFree(next)) ? next : 0);
  }
  return ports;
}

async function chooseFirst(
  port: number,
  required: boolean,
  note: (sentence: string) => void,
): Promise<number> {
  if (port === 0 || (await isPortFree(port))) return port;
  if (required) {
    throw new Error(`Port ${String(port)} is taken. Stop what listens there, or choose another with --port.`);
  }
  note(`Port ${String(port)} is taken: using another.`);
  return 0;
}
