/**
 * Paths into a thread: `values.messages[-1].content`. A root of `values`, `metadata`, `config`, `interrupts` or `error`, then keys
 * after dots and places in lists in brackets, from the end when negative.
 */

const ROOTS = ['values', 'metadata', 'config', 'interrupts', 'error'] as const;
type PathRoot = (typeof ROOTS)[number];

export interface JsonPath {
  root: PathRoot;
  /** For Postgres' `#>`. */
  steps: string[];
}

const STEP = /^(?:\.([^.[\]]+)|\[(-?\d+)\])/;

/** Null when it is none. */
export function parseJsonPath(text: string): JsonPath | null {
  const root = ROOTS.find(
    (name) => text === name || text.startsWith(`${name}.`) || text.startsWith(`${name}[`),
  );
  if (root === undefined) return null;
  const steps: string[] = [];
  for (let rest = text.slice(root.length); rest !== '';) {
    const match = STEP.exec(rest);
    if (!match) return null;
    steps.push(match[1] ?? match[2] ?? '');
    rest = rest.slice(match[0].length);
  }
  return { root, steps };
}
