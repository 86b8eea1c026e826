/**
 * Which runs are suspected of killing the process that executes them: these get one of their own. See docs/adr/0010.
 */
import { SUSPECT_CRASHES, SUSPECT_WORKER_DEATH_LIMIT } from '@longrun/contracts';

/**
 * @param crashes since the run's last progress
 * @param killedOwnProcess a process that it had to itself has died: then nobody else can have been the reason
 */
export function isSuspect(crashes: number, killedOwnProcess: boolean, crashLimit: number): boolean {
  return crashes >= (killedOwnProcess ? 1 : suspectFrom(crashLimit));
}

/** Crashes after which a run whose whole worker has died ends as `error`: a suspect is apart, and its worker may die of others for long. */
export function limitOfWorkerDeaths(crashes: number, crashLimit: number): number {
  return crashes >= suspectFrom(crashLimit) ? Math.max(crashLimit, SUSPECT_WORKER_DEATH_LIMIT) : crashLimit;
}

/** Nothing is condemned before it has been alone once, whatever the limit, unless that is 1. */
function suspectFrom(crashLimit: number): number {
  return Math.max(1, Math.min(SUSPECT_CRASHES, crashLimit - 1));
}
