/**
 * The runs a dead worker holds, if it is still as dead as it was observed: a renewal since then, seen in `beat`, calls the
 * rescue off. A worker without a row holds its runs for nobody.
 *
 * Raw SQL: the partial index on running runs. $1 worker id, $2 the beat that was observed (null: no row).
 */
export const RUNS_OF_DEAD_WORKER = `
SELECT run_id, thread_id, attempt
FROM run
WHERE worker_id = $1 AND status = 'running'
  AND NOT EXISTS (SELECT 1 FROM worker WHERE worker_id = $1 AND beat IS DISTINCT FROM $2::bigint)
ORDER BY run_id`;

export interface RunOfWorkerRow {
  run_id: string;
  thread_id: string;
  attempt: number;
}
