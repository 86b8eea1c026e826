/**
 * Who may use the api, and for what: whichever way a deployment has chosen.
 */
import type { AccessFilter } from './access-filter.js';
import type { Caller } from './caller.js';

/** `resource:action`, such as `threads:create_run`. */
export type AccessEvent =
  | `threads:${'create' | 'read' | 'update' | 'delete' | 'search' | 'create_run'}`
  | `${'assistants' | 'crons'}:${'create' | 'read' | 'update' | 'delete' | 'search'}`
  | `store:${'put' | 'get' | 'search' | 'list_namespaces' | 'delete'}`;

export interface Authority {
  /** Who sends the request. @throws AccessRefused; LongrunError AUTH_FAILED, AUTH_UNAVAILABLE */
  authenticate(request: Request): Promise<Caller>;
  /**
   * Whether the caller may.
   *
   * @param value what the request wants, which may be changed
   * @returns which things are meant; null for all
   * @throws as {@link authenticate}
   */
  authorize(caller: Caller, event: AccessEvent, value: object): Promise<AccessFilter | null>;
}
