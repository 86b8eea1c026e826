/**
 * The order in which contenders are measured.
 */

/**
 * Every contender once per round, one after the other, so that what else the machine does falls on all of them. Another one begins in
 * each round: what a contender leaves behind, garbage above all, falls on the next.
 *
 * @param visit awaited; `round` counts from 0
 */
export async function inTurns<C>(
  contenders: readonly C[],
  rounds: number,
  visit: (contender: C, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of turnsOf(contenders, round)) await visit(contender, round);
  }
}

/** The contenders in the order of a round. */
export function turnsOf<C>(contenders: readonly C[], round: number): C[] {
  const shift = contenders.length === 0 ? 0 : round % contenders.length;
  return [...contenders.slice(shift), ...contenders.slice(0, shift)];
}
