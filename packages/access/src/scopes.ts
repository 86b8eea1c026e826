/**
 * What an API key allows. Each scope includes those before it.
 */

/**
 * - `read`: read and search everything.
 * - `run`: threads and their state, runs, and items of the store.
 * - `admin`: assistants and crons too.
 */
export const SCOPES = ['read', 'run', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

const READING = ['read', 'search', 'get', 'list_namespaces'];
const RUNNING = ['threads', 'store'];

/** @param event `resource:action`, as handlers of custom auth are asked */
export function scopeFor(event: string): Scope {
  const [resource = '', action = ''] = event.split(':');
  if (READING.includes(action)) return 'read';
  return RUNNING.includes(resource) ? 'run' : 'admin';
}

export function mayDo(scope: Scope, event: string): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(scopeFor(event));
}

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
