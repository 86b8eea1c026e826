/**
 * What has to be stopped also when somebody presses Ctrl-C: servers that would outlive us.
 */

const open = new Set<() => Promise<void>>();

/**
 * Notes how something is stopped.
 *
 * @returns stops it; safe to call twice
 */
export function stoppedAtExit(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const once = async (): Promise<void> => {
    open.delete(once);
    await (stopped ??= stop());
  };
  open.add(once);
  return once;
}

/** Stops all that is still there. */
export async function stopEverything(): Promise<void> {
  await Promise.allSettled([...open].map((stop) => stop()));
}
