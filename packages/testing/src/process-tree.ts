/**
 * Signals for a whole server: Postgres is many processes, and freezing the first leaves the others at work.
 */
import { readdirSync } from 'node:fs';

import { identify, parentOf, signalIfAlive } from '@longrun/local-services';

/**
 * Sends a signal to a process and everything below it: to the parent first, so that it starts nothing new in between.
 *
 * @throws Error on a system without /proc
 */
export function signalProcessTree(pid: number, signal: NodeJS.Signals): void {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const send = (one: number): void => {
    const identity = identify(one);
    if (identity !== undefined) signalIfAlive(identity, signal);
    for (const child of childrenOf.get(one) ?? []) send(child);
  };
  send(pid);
}
