/**
 * The versions of the official SDK that users have, side by side, unmodified. 2.0.0 has the content of 1.6.3.
 */
import type { Client } from 'langgraph-sdk-1.15';

const PACKAGES = {
  '1.12.4': '@langchain/langgraph-sdk',
  '1.15.0': 'langgraph-sdk-1.15',
  '2.0.0': 'langgraph-sdk-2.0',
} as const;

export type SdkVersion = keyof typeof PACKAGES;
export const SDK_VERSIONS = Object.keys(PACKAGES) as SdkVersion[];

/** A client of this version. Its type is the newest version's: a method that an older one lacks is undefined. */
export async function sdkClient(version: SdkVersion, apiUrl: string): Promise<Client> {
  const sdk = (await import(PACKAGES[version])) as { Client: new (config: object) => Client };
  return new sdk.Client({ apiUrl, apiKey: null });
}
