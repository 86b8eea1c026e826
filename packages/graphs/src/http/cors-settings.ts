/**
 * `http.cors` of langgraph.json: who may call from a browser.
 */
import { isObject, textsOf, wrongSetting } from './settings-problem.js';

export interface CorsSettings {
  /** Origins, exactly; `*` for all. */
  readonly origins: readonly string[];
  /** Origins that match this whole are allowed too. */
  readonly originPattern: RegExp | null;
  /** Undefined: all that the API has. */
  readonly methods: readonly string[] | undefined;
  /** Undefined: whatever the browser asks for. */
  readonly headers: readonly string[] | undefined;
  /** Beside those that clients of the API need. */
  readonly exposedHeaders: readonly string[];
  readonly credentials: boolean;
  /** Seconds that a browser remembers the answer. Undefined: its own default. */
  readonly maxAge: number | undefined;
}

const KEYS = [
  'allow_origins',
  'allow_origin_regex',
  'allow_methods',
  'allow_headers',
  'allow_credentials',
  'expose_headers',
  'max_age',
];

/**
 * Null: nothing is said.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong
 */
export function corsSettingsOf(cors: unknown): CorsSettings | null {
  if (cors === undefined || cors === null) return null;
  if (!isObject(cors)) throw wrongSetting('http.cors', 'must be an object');
  const unknown = Object.keys(cors).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw wrongSetting(`http.cors.${unknown}`, `is not known (${KEYS.join(', ')})`);
  const { allow_credentials: credentials = false, max_age: maxAge } = cors;
  if (typeof credentials !== 'boolean')
    throw wrongSetting('http.cors.allow_credentials', 'must be true or false');
  if (maxAge !== undefined && (typeof maxAge !== 'number' || !Number.isInteger(maxAge) || maxAge < 0)) {
    throw wrongSetting('http.cors.max_age', 'must be a whole number of seconds');
  }
  const originPattern = patternOf(cors['allow_origin_regex']);
  const named = textsOf(cors['allow_origins'], 'http.cors.allow_origins');
  const origins = named ?? (originPattern === null ? ['*'] : []);
  if (credentials && origins.includes('*')) {
    throw wrongSetting(
      'http.cors.allow_credentials',
      'needs allow_origins or allow_origin_regex to name the origins: "*" would hand the credentials of every visitor to every page',
    );
  }
  return {
    origins,
    originPattern,
    methods: textsOf(cors['allow_methods'], 'http.cors.allow_methods'),
    headers: textsOf(cors['allow_headers'], 'http.cors.allow_headers'),
    exposedHeaders: textsOf(cors['expose_headers'], 'http.cors.expose_headers') ?? [],
    credentials,
    maxAge,
  };
}

function patternOf(source: unknown): RegExp | null {
  if (source === undefined || source === null) return null;
  try {
    if (typeof source === 'string') return new RegExp(`^(?:${source})$`);
  } catch {
    // Told below.
  }
  throw wrongSetting('http.cors.allow_origin_regex', 'must be a regular expression');
}
