/**
 * Module hooks that remove a protection: they change the text of the modules in which it stands.
 */
import type { InitializeHook, LoadHook } from 'node:module';
import type { Removal } from './protections.js';

let removals: readonly Removal[] = [];

export const initialize: InitializeHook<readonly Removal[]> = (data) => {
  removals = data;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  const concerned = removals.filter(({ file }) => url.endsWith(file));
  if (concerned.length === 0) return loaded;
  let source = Buffer.from(loaded.source as Uint8Array).toString();
  for (const { text, replacement, file } of concerned) {
    if (!source.includes(text)) throw new Error(`${file} does not hold "${text}": the protection has moved.`);
    source = source.replaceAll(text, replacement);
  }
  return { ...loaded, source };
};
