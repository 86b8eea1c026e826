/**
 * One row of the contract: an endpoint, how clients call it, and what must hold.
 */
import type { Client } from 'langgraph-sdk-1.15';
import type { SdkVersion } from '../sdk-versions.js';

export interface ContractContext {
  client: Client;
  /** Where a plain HTTP request goes. */
  url: string;
}

export interface ContractRow {
  endpoint: string;
  /** `<resource>.<method>` of a client, maybe with an option in parentheses; null: no client has a method for it. */
  method: string | null;
  /** Versions whose method has this option; all that have the method unless said. */
  versions?: readonly SdkVersion[];
  holds: (context: ContractContext) => Promise<void>;
}

export function row(
  endpoint: string,
  method: string | null,
  holds: ContractRow['holds'],
  versions?: readonly SdkVersion[],
): ContractRow {
  return { endpoint, method, holds, ...(versions ? { versions } : {}) };
}

/** Whether this client has the method of a row. */
export function hasMethod(client: Client, method: string): boolean {
  const [resource = '', name = ''] = method.replace(/ .*/, '').split('.');
  const methods = (client as unknown as Record<string, Record<string, unknown>>)[resource];
  return typeof methods?.[name] === 'function';
}
