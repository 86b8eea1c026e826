/**
 * What is said about the keys of a langgraph.json.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { readProject } from './project-keys.js';

const folder = mkdtempSync(join(tmpdir(), 'project-keys-'));
const file = join(folder, 'langgraph.json');
const read = (content: unknown, env: Record<string, string> = {}): ReturnType<typeof readProject> => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readProject(file, env);
};

describe('a langgraph.json', () => {
  it('of keys that are followed needs no words', () => {
    const major = process.versions.node.split('.')[0];
    expect(read({ graphs: {}, env: '.env', store: {}, http: {}, node_version: major })).toEqual({
      envFile: join(folder, '.env'),
      notes: [],
    });
  });

  it('has its other keys named, by what becomes of them', () => {
    expect(
      read({ graphs: {}, dependencies: ['.'], dockerfile_lines: [], node_version: '8', colour: 1 }).notes,
    ).toEqual([
      'dependencies, dockerfile_lines of langgraph.json build images: nothing here.',
      'colour of langgraph.json is not supported, and ignored.',
      `langgraph.json asks for Node.js "8"; this is ${process.versions.node}.`,
    ]);
  });

  it('may list the variables that it expects', () => {
    expect(read({ env: ['A', 'B'] }, { A: '1' }).notes).toEqual([
      'env of langgraph.json expects B; not set.',
    ]);
  });

  it.each([
    [{ node_loader: 'ts-node' }, /node_loader of langgraph.json is "ts-node"; graphs are loaded with tsx/],
    ['{', /could not be read/],
    ['[]', /does not hold a JSON object/],
  ])('%j is refused', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});
