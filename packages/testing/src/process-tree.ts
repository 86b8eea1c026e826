/**
 * A whole server as processes: Postgres is many, and freezing the first leaves the others at work.
 */
import { readdirSync } from 'node:fs';

import { identify, parentOf, signalIfAlive } from '@longrun/local-services';

/**
 * A process and everything below it, parents first.
 *
 * @throws Error on a system without /proc
 */
export function processTree(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const below = (one: number): number[] => [one, ...(childrenOf.get(one) ?? []).flatMap(below)];
  return below(pid);
}

/**
 * Sends a signal to a process and everything below it: to the parent first, so that it starts nothing new in between.
 *
 * @throws Error on a system without /proc
 */
export function signalProcessTree(pid: number, signal: NodeJS.Signals): void {
  for (const one of processTree(pid)) {
    const identity = identify(one);
    if (identity !== undefined) signalIfAlive(identity, signal);
  }
}
