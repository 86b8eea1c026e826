/**
 * What counts as a change of a file.
 */
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { SourceWatch } from './source-watch.js';

let folder: string;
let watch: SourceWatch;
let changes: string[][];
let noticed: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'source-watch-'));
  changes = [];
  noticed = () => undefined;
  watch = new SourceWatch({
    note: (sentence) => {
      throw new Error(sentence);
    },
    onChange: (files) => {
      changes.push([...files]);
      noticed();
    },
  });
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text?: string): string => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const nextChange = async (): Promise<string[]> => {
  while (changes.length === 0) await new Promise<void>((resolve) => (noticed = resolve));
  return changes.shift() ?? [];
};

it('tells of other content, also of a file that is put in the place of another or taken away', async () => {
  const source = file('graph.ts', '1');
  watch.set([source], false);
  file('graph.ts', '2');
  expect(await nextChange()).toEqual([source]);
  renameSync(file('graph.ts~', '3'), source);
  expect(await nextChange()).toEqual([source]);
  rmSync(source);
  expect(await nextChange()).toEqual([source]);
});

it('says nothing of the same content, and of files that are none of its own', async () => {
  const [source, last] = [file('graph.ts', '1'), file('last.ts', '1')];
  watch.set([source, last], false);
  file('graph.ts', '1');
  utimesSync(source, 1, 1);
  file('other.ts', '1');
  file('last.ts', '2');
  expect(await nextChange()).toEqual([last]);
});

it('takes any code beside them for a change when something was missing', async () => {
  watch.set([file('graph.ts', '1')], true);
  file('notes.md', '1');
  file('missing.ts', '1');
  expect(await nextChange()).toEqual(['missing.ts']);
});

it('tells of what has changed while it was asked to watch something else', async () => {
  const source = file('graph.ts', '1');
  watch.set([source], false);
  file('graph.ts', '2');
  watch.set([source, file('new.ts', '1')], false);
  expect(await nextChange()).toEqual([source]);
});
