/**
 * Who is connected to a server, read from its CLIENT LIST: how many connections the processes of the kit may open all
 * together, and how many others there are. Every process writes its ceiling into the name of its command connection.
 */

/** What a list of clients amounts to. */
export interface ClientCensus {
  /** Processes of the kit, this one included. */
  readonly processes: number;
  /** Connections that they may open, or have open if that is more. */
  readonly mayOpen: number;
  /** Connections of everybody else. */
  readonly foreign: number;
}

const NAME = /(?:^| )name=(\S*)/;
const KIT_NAME = /:(?:command:(\d+)|subscriber|exclusive|topology|bullmq-producer|bullmq-consumer)$/;

/**
 * Counts the clients of a list.
 *
 * @param list the answer to CLIENT LIST
 * @param own name and ceiling of the asking process, which counts also when the server did not take its name
 */
export function takeCensus(
  list: string,
  own: { readonly name: string; readonly ceiling: number },
): ClientCensus {
  const names = list
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => NAME.exec(line)?.[1] ?? '');
  const ofKit = names.map((name) => KIT_NAME.exec(name)).filter((match) => match !== null);
  const ceilings = ofKit.flatMap(([, ceiling]) => (ceiling === undefined ? [] : [Number(ceiling)]));
  if (!names.includes(own.name)) ceilings.push(own.ceiling);
  const sum = ceilings.reduce((total, ceiling) => total + ceiling, 0);
  return {
    processes: ceilings.length,
    mayOpen: Math.max(sum, ofKit.length),
    foreign: names.length - ofKit.length,
  };
}
