/**
 * What the checks of the documentation see in a page: its fenced blocks, its links, and the anchors of its headings.
 */

/** A fenced block. */
export interface FencedBlock {
  /** First word behind the fence; empty when there is none. */
  readonly language: string;
  /** Why a block of commands is not run: `no-run=<reason>` behind the language. */
  readonly noRun: string | undefined;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** A link of a page to something else than the web. */
export interface PageLink {
  /** Path relative to the page; empty for a place on the page itself. */
  readonly path: string;
  /** Without `#`; empty when the link names the whole page. */
  readonly anchor: string;
  /** From 1. */
  readonly line: number;
}

const FENCE = /^( *)(`{3,})([^`]*)$/;
const LINK = /\[(?:[^\][]|\[[^\]]*\])*\]\(([^()\s]+)\)/g;
const WEB = /^[a-z][a-z+.-]*:/i;

/** The fenced blocks of a page, in order, without the indentation of their fences. */
export function fencedBlocks(page: string): FencedBlock[] {
  return scan(page).blocks;
}

/** The links of a page to files and headings; those in code are none. */
export function pageLinks(page: string): PageLink[] {
  return scan(page).prose.flatMap(({ text, line }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter((target) => !WEB.test(target))
      .map((target) => {
        const [path = '', anchor = ''] = target.split('#');
        return { path, anchor, line };
      }),
  );
}

/** The anchors of the headings of a page, made as GitHub makes them. */
export function headingAnchors(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of scan(page).prose) {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let free = anchor;
    for (let n = 1; anchors.has(free); n++) free = `${anchor}-${n}`;
    anchors.add(free);
  }
  return anchors;
}

function scan(page: string): { blocks: FencedBlock[]; prose: { text: string; line: number }[] } {
  const blocks: FencedBlock[] = [];
  const prose: { text: string; line: number }[] = [];
  let open: { indent: number; fence: string; info: string; line: number; lines: string[] } | undefined;
  for (const [index, text] of page.split('\n').entries()) {
    const [, indent = '', fence = '', info = ''] = FENCE.exec(text) ?? [];
    if (open === undefined) {
      if (fence === '') prose.push({ text, line: index + 1 });
      else open = { indent: indent.length, fence, info: info.trim(), line: index + 1, lines: [] };
    } else if (fence.startsWith(open.fence) && info.trim() === '') {
      const [language = '', ...rest] = open.info.split(/\s+/);
      const noRun = rest.find((word) => word.startsWith('no-run='))?.slice('no-run='.length);
      blocks.push({ language, noRun, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    } else {
      open.lines.push(text.slice(Math.min(open.indent, text.length - text.trimStart().length)));
    }
  }
  if (open !== undefined) throw new Error(`The block that line ${open.line} opens is never closed.`);
  return { blocks, prose };
}
