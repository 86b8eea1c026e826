/**
 * What a command says beside its result.
 */

/** Notes go to stderr: stdout is for what somebody may want to read by program. */
export function note(sentence: string): void {
  console.error(`longrun: ${sentence}`);
}
