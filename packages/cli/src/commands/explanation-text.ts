/**
 * The answer of `GET /runs/{id}/explain` as lines for a terminal.
 */

/** What is read of the answer. */
export interface Explanation {
  readonly run_id: string;
  readonly thread_id: string;
  readonly status: string;
  readonly attempt: number;
  readonly crashes: number;
  readonly retries: number;
  readonly error: { readonly error: string; readonly message: string } | null;
  readonly now: string;
  readonly timeline: readonly {
    readonly at: string;
    readonly what: string;
    readonly [detail: string]: unknown;
  }[];
  readonly events: { readonly count: number; readonly pruned: boolean };
  readonly webhooks: readonly {
    readonly url: string;
    readonly status: string;
    readonly attempts: number;
    readonly last_status: number | null;
    readonly last_error: string | null;
  }[];
}

/** One line per entry of the timeline, with the seconds since the first; no line break at the end. */
export function explanationText(run: Explanation): string {
  const start = Date.parse(run.timeline[0]?.at ?? '');
  const lines = [
    `Run ${run.run_id} on thread ${run.thread_id}: ${run.status}. ${run.now}`,
    `Attempts ${String(run.attempt)}, crashes ${String(run.crashes)}, retries ${String(run.retries)}; ` +
      `${String(run.events.count)} events in its log${run.events.pruned ? ', older ones removed' : ''}.`,
  ];
  if (run.error !== null) lines.push(`${run.error.error}: ${run.error.message}`);
  lines.push('');
  for (const { at, what, ...details } of run.timeline) {
    const seconds = `+${((Date.parse(at) - start) / 1000).toFixed(1)} s`;
    lines.push(
      `  ${new Date(at).toISOString()} ${seconds.padStart(10)}  ${what.padEnd(8)}${detailsText(details)}`,
    );
  }
  for (const hook of run.webhooks) {
    const last = hook.last_error ?? hook.last_status;
    const told = last === null ? '' : `, last ${String(last)}`;
    lines.push(`  webhook ${hook.url}: ${hook.status}, ${String(hook.attempts)} attempts${told}`);
  }
  return lines.join('\n');
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
