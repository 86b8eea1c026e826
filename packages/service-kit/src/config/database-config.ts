/**
 * How a process reaches Postgres, from its settings.
 */
import type { SharedConfig } from './shared-config.js';

export interface DatabaseUrls {
  /** For the pool. */
  url: string;
  /** `url` goes through a transaction pooler. */
  isPooled: boolean;
}

/** A direct URL of its own says that the other one goes through a pooler. */
export function databaseUrls({ DATABASE_URL, DATABASE_DIRECT_URL }: SharedConfig): DatabaseUrls {
  return {
    url: DATABASE_URL,
    isPooled: DATABASE_DIRECT_URL !== undefined && DATABASE_DIRECT_URL !== DATABASE_URL,
  };
}
