/**
 * `http` of langgraph.json: what of the API is served, to whom, and beside which routes of the user's own. A key that is not known is
 * refused: nobody should believe that something is switched off that is not.
 */
import type { ConfigFile } from '../registry/config-file.js';
import { locateExport, type ExportLocation } from '../registry/load-export.js';
import { corsSettingsOf, type CorsSettings } from './cors-settings.js';
import { headerRuleOf, type HeaderRule } from './header-rule.js';
import { isObject, wrongSetting } from './settings-problem.js';

/** Parts of the API that `disable_<part>` takes away. */
const HTTP_PARTS = [
  'assistants',
  'threads',
  'runs',
  'store',
  'meta',
  'ui',
  'mcp',
  'a2a',
  'webhooks',
] as const;
export type HttpPart = (typeof HTTP_PARTS)[number];

export interface HttpSettings {
  /** The user's own routes; null: none. */
  readonly app: ExportLocation | null;
  /** What stands before every path, such as `/api`; null: nothing. */
  readonly mountPrefix: string | null;
  /** Whether the user's own routes are authenticated as those of the API are; null: as is usual for the way of authentication. */
  readonly customRouteAuth: boolean | null;
  /** Parts that are not served. */
  readonly disabled: ReadonlySet<HttpPart>;
  /** Null: as CORS_ORIGINS says. */
  readonly cors: CorsSettings | null;
  /** Which headers of a request its graph gets to see; null: the usual ones. */
  readonly configurableHeaders: HeaderRule | null;
  /** Which headers of a request that failed are logged; null: none. */
  readonly loggingHeaders: HeaderRule | null;
}

/** Of a langgraph.json that says nothing. */
export const DEFAULT_HTTP: HttpSettings = {
  app: null,
  mountPrefix: null,
  customRouteAuth: null,
  disabled: new Set(),
  cors: null,
  configurableHeaders: null,
  loggingHeaders: null,
};

/** Documented keys that have no meaning here, with the reason. */
const NOT_AVAILABLE: Readonly<Record<string, string>> = {
  middleware_order: 'middleware of the app sees the routes of the app alone',
};

const DISABLE = new Map(HTTP_PARTS.map((part) => [`disable_${part}`, part]));
const KEYS = [
  'app',
  'enable_custom_route_auth',
  'mount_prefix',
  'cors',
  'configurable_headers',
  'logging_headers',
  ...DISABLE.keys(),
];

/** @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong */
export function httpSettingsOf({ content, folder }: Pick<ConfigFile, 'content' | 'folder'>): HttpSettings {
  const { http } = content;
  if (http === undefined || http === null) return DEFAULT_HTTP;
  if (!isObject(http)) throw wrongSetting('http', 'must be an object');
  const unknown = Object.keys(http).find((key) => !KEYS.includes(key) && !isOff(key, http[key]));
  if (unknown !== undefined) {
    const why = NOT_AVAILABLE[unknown];
    throw wrongSetting(
      `http.${unknown}`,
      why === undefined ? `is not known (${KEYS.join(', ')})` : `is not available: ${why}`,
    );
  }
  return {
    app: appOf(http['app'], folder),
    mountPrefix: prefixOf(http['mount_prefix']),
    customRouteAuth:
      http['enable_custom_route_auth'] === undefined ? null : flagOf(http, 'enable_custom_route_auth'),
    disabled: new Set([...DISABLE].flatMap(([key, part]) => (flagOf(http, key) ? [part] : []))),
    cors: corsSettingsOf(http['cors']),
    configurableHeaders: headerRuleOf(http['configurable_headers'], 'http.configurable_headers'),
    loggingHeaders: headerRuleOf(http['logging_headers'], 'http.logging_headers'),
  };
}

/** A key without a meaning here may say that it is not used. */
function isOff(key: string, value: unknown): boolean {
  return key in NOT_AVAILABLE && (value === false || value === null);
}

function flagOf(http: Record<string, unknown>, key: string): boolean {
  const value = http[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrongSetting(`http.${key}`, 'must be true or false');
}

function appOf(app: unknown, folder: string): ExportLocation | null {
  if (app === undefined || app === null) return null;
  if (typeof app !== 'string' || app === '')
    throw wrongSetting('http.app', 'must be a path such as "./app.ts:app"');
  return locateExport(app, folder);
}

function prefixOf(prefix: unknown): string | null {
  if (prefix === undefined || prefix === null || prefix === '') return null;
  if (typeof prefix !== 'string' || !/^(\/[\w.~-]+)+$/.test(prefix)) {
    throw wrongSetting('http.mount_prefix', 'must be a path such as "/api", without a slash at its end');
  }
  return prefix;
}
