/**
 * Keeps BullMQ from waking a second worker for every job. Whoever takes a job sets the marker for which idle workers wait, also when no
 * other job is there: with two workers each run wakes both, and the other one asks in vain. Its scripts are changed to look first.
 *
 * A marker too few loses nothing: adding a job sets it in any case, and an idle worker looks by itself after its longest wait.
 */
import type { Cluster, Redis } from 'ioredis';

/** BullMQ's scripts that take a job. */
const TAKING = /^moveTo(Active|Finished):/;
const WAKE_ANOTHER = 'addBaseMarkerIfNeeded(markerKey, false)';
const WAKE_ANOTHER_IF_NEEDED = `if rcall("EXISTS", keyPrefix .. "wait", keyPrefix .. "prioritized") > 0 then
    ${WAKE_ANOTHER}
  end`;

/**
 * Changes the scripts of a connection that a `Worker` of BullMQ has made ready.
 *
 * @returns how many were changed; a script that does not say what it did when this was written is left as it is
 */
export function quietMarkers(connection: Redis | Cluster): number {
  let changed = 0;
  for (const [name, script] of Object.entries(connection.scriptsSet)) {
    const { lua, numberOfKeys } = script as { lua: string; numberOfKeys: number };
    if (!TAKING.test(name) || lua.split(WAKE_ANOTHER).length !== 2) continue;
    connection.defineCommand(name, { numberOfKeys, lua: lua.replace(WAKE_ANOTHER, WAKE_ANOTHER_IF_NEEDED) });
    changed += 1;
  }
  return changed;
}
