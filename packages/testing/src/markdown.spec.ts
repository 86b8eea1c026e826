/**
 * What is read out of a page.
 */
import { describe, expect, it } from '@jest/globals';

import { fencedBlocks, headingAnchors, pageLinks } from './markdown.js';

const PAGE = `# The page: \`code\` & [a link](other.md)

See [one](other.md#part), [two](#the-page), [web](https://example.org/x), \`[no](link.md)\` and [\`three\`](../x.ts).

\`\`\`sh no-run=cluster
echo [no](link.md)
# no heading
\`\`\`

- item

  \`\`\`json
  {
    "a": 1
  }
  \`\`\`

## Part
## Part
`;

describe('a page', () => {
  it('has its blocks, with language and reason, without the indentation of the fence', () => {
    expect(fencedBlocks(PAGE)).toEqual([
      { language: 'sh', noRun: 'cluster', text: 'echo [no](link.md)\n# no heading', line: 5 },
      { language: 'json', noRun: undefined, text: '{\n  "a": 1\n}', line: 12 },
    ]);
  });

  it('has its links, without those to the web and those in code', () => {
    expect(pageLinks(PAGE)).toEqual([
      { path: 'other.md', anchor: '', line: 1 },
      { path: 'other.md', anchor: 'part', line: 3 },
      { path: '', anchor: 'the-page', line: 3 },
      { path: '../x.ts', anchor: '', line: 3 },
    ]);
  });

  it('has the anchors that GitHub makes', () => {
    expect([...headingAnchors(PAGE)]).toEqual(['the-page-code--a-link', 'part', 'part-1']);
  });

  it('that leaves a block open is refused', () => {
    expect(() => fencedBlocks('```sh\necho')).toThrow('line 1');
  });
});
