/**
 * Writes what has lined up of an attempt's checkpoints, blobs and task writes, in one statement that is its own transaction.
 *
 * The fence is part of it: its first CTE has a row, locked, while the attempt may write. Without one nothing is written and no row comes back.
 *
 * Raw SQL: one round trip. $1 run id and $2 attempt of the author (null: no run), $3 rows, $4 bytes.
 */
import { writeCheckpointsSql } from '@longrun/contracts';

/** SQL of the fence of a write that has asked before: it may happen. */
export const MAY_WRITE = 'SELECT 1';

/** @param fence SQL with a row while attempt $2 of run $1 may write; it locks what says so */
export function writeCheckpoints(fence: string): string {
  return `
WITH held AS MATERIALIZED (${fence}), ${writeCheckpointsSql({ run: '$1', attempt: '$2', rows: '$3', bytes: '$4' })}
SELECT 1 FROM held`;
}
