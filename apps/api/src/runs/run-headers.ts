/**
 * Headers by which clients learn the ids of a run and where to reconnect. Paths, not URLs: clients append them to their base.
 */

/** @param rest last segment of the path to reconnect to */
export function runHeaders(
  run: { run_id: string; thread_id: string },
  isStateless: boolean,
  rest: 'stream' | 'join' | null,
): Record<string, string> {
  const path = isStateless ? `/runs/${run.run_id}` : `/threads/${run.thread_id}/runs/${run.run_id}`;
  return { 'content-location': path, ...(rest === null ? {} : { location: `${path}/${rest}` }) };
}
