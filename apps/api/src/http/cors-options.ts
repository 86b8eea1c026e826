/**
 * Who may call from a browser, and what of an answer it may read: `http.cors` of langgraph.json, else CORS_ORIGINS.
 */
import type { HttpSettings } from '@longrun/graphs';
import { IGNORED_FIELDS_HEADER } from './validated.js';

/** What clients of the API read. */
const EXPOSED_HEADERS = [
  'Content-Location',
  'Location',
  'X-Pagination-Total',
  'X-Pagination-Next',
  'Mcp-Session-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  IGNORED_FIELDS_HEADER,
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export interface CorsOptions {
  origin: string | (string | RegExp)[];
  methods: string[];
  exposedHeaders: string[];
  allowedHeaders?: string[];
  credentials?: boolean;
  maxAge?: number;
}

/** @param configured CORS_ORIGINS */
export function corsOptions(configured: string, { cors }: Pick<HttpSettings, 'cors'>): CorsOptions {
  const origins = cors?.origins ?? configured.split(',').map((origin) => origin.trim());
  const patterns = cors?.originPattern ? [cors.originPattern] : [];
  return {
    origin: origins.includes('*') ? '*' : [...origins, ...patterns],
    methods: [...(cors?.methods ?? METHODS)],
    exposedHeaders: [...new Set([...EXPOSED_HEADERS, ...(cors?.exposedHeaders ?? [])])],
    ...(cors?.headers ? { allowedHeaders: [...cors.headers] } : {}),
    ...(cors?.credentials ? { credentials: true } : {}),
    ...(cors?.maxAge === undefined ? {} : { maxAge: cors.maxAge }),
  };
}
