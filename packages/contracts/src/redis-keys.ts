/**
 * Every Redis key and channel of Longrun. No other file builds one. BullMQ names its own keys under
 * {@link bullmqPrefix}; redis-core puts the prefix of a shared server before every other.
 */

/**
 * Prefix of BullMQ's keys; the braces keep all keys of a queue in one slot of a cluster.
 *
 * @param keyPrefix what this system's keys begin with on a server that it shares
 */
export function bullmqPrefix(keyPrefix: string): string {
  return `{${keyPrefix}longrun}`;
}

/** The hot tail of a run's log: a stream whose entry ids are `<seq + 1>-0`. */
export function runTailKey(runId: string): string {
  return `longrun:tail:{${runId}}`;
}

/** Channel on which the events of a run are pushed. */
export function runEventsChannel(runId: string): string {
  return `longrun:events:{${runId}}`;
}

/** Channel on which those who follow a thread hear that something has happened to it. */
export function threadNewsChannel(threadId: string): string {
  return `longrun:thread:{${threadId}}`;
}

/** What is left of a caller's requests and runs: a hash. @param caller a digest: names of users are not written to Redis */
export function callerLimitKey(caller: string): string {
  return `longrun:limit:{${caller}}`;
}

/** Control channel of one worker. */
export function workerControlChannel(workerId: string): string {
  return `longrun:control:${workerId}`;
}

/** Channel on which one requester receives the answers to its control requests. */
export function controlReplyChannel(requesterId: string): string {
  return `longrun:control-reply:${requesterId}`;
}
