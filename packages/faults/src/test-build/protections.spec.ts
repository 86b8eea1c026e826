import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { PROTECTIONS, type Removal } from './protections.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The built file that a removal changes: of a package, or of an app. */
function builtFile({ file }: Removal): string {
  const found = ['packages', 'apps'].map((folder) => `${ROOT}${folder}/${file}`).filter(existsSync);
  if (found.length !== 1) throw new Error(`${file} is in ${String(found.length)} places.`);
  return found[0] ?? '';
}

describe('the protections that a control removes', () => {
  const all = Object.entries<readonly Removal[]>(PROTECTIONS).flatMap(([name, removals]) =>
    removals.map((removal) => ({ name, ...removal })),
  );

  it.each(all)('$name: the text is still in $file', (removal) => {
    expect(readFileSync(builtFile(removal), 'utf8')).toContain(removal.text);
  });
});
