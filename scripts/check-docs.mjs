// Fails when a page of the documentation links to what is not there, or has a block that cannot be what it says: JSON that does not parse,
// TypeScript or JavaScript that does not compile, commands that no test would run. The commands themselves are run by packages/test-stack.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { fencedBlocks, headingAnchors, pageLinks } from '../packages/testing/dist/index.js';

/** Languages whose blocks are no commands. */
const NO_COMMANDS = [
  'dockerfile',
  'ini',
  'js',
  'json',
  'mermaid',
  'nginx',
  'sql',
  'text',
  'ts',
  'tsx',
  'yaml',
];
const COMMAND =
  /^\s*(?:\$ )?(?:bash|cd|curl|docker|helm|kill|kubectl|longrun|node|npm|npx|pnpm|psql|redis-cli|sudo) /m;

const root = path.resolve(import.meta.dirname, '..');
const read = (file) => readFileSync(path.join(root, file), 'utf8');
const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
});
const pages = listed.stdout
  .trim()
  .split('\n')
  .filter((file) => existsSync(path.join(root, file)));
if (pages.length < 10) throw new Error(`git names ${pages.length} pages: ${listed.stderr}`);

const problems = [];
let links = 0;
let blocks = 0;
for (const page of pages) {
  const text = read(page);
  for (const link of pageLinks(text)) {
    links++;
    const problem = problemOfLink(page, link);
    if (problem !== undefined) problems.push(`${page}:${link.line} ${problem}`);
  }
  for (const block of fencedBlocks(text)) {
    blocks++;
    const problem = problemOfBlock(block);
    if (problem !== undefined) problems.push(`${page}:${block.line} ${problem}`);
  }
}
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${links} links, ${blocks} blocks: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function problemOfLink(page, link) {
  const target = link.path === '' ? page : path.join(path.dirname(page), decodeURIComponent(link.path));
  const file = path.join(root, target);
  if (!existsSync(file)) return `links to ${link.path}, which does not exist.`;
  if (link.anchor === '') return undefined;
  if (statSync(file).isDirectory() || !target.endsWith('.md'))
    return `links to a heading of ${target}, which is no page.`;
  if (headingAnchors(read(target)).has(link.anchor)) return undefined;
  return `links to #${link.anchor}, which no heading of ${target} has.`;
}

function problemOfBlock({ language, text }) {
  if (language === 'json') return problemOfJson(text);
  if (['ts', 'tsx', 'js'].includes(language)) return problemOfCode(language, text);
  if (language === 'sh' || NO_COMMANDS.includes(language)) return undefined;
  if (language !== '')
    return `is of "${language}"; known are sh (run by a test) and ${NO_COMMANDS.join(', ')}.`;
  return COMMAND.test(text)
    ? 'has commands: call it sh, with no-run=<reason> when no test can run it.'
    : undefined;
}

function problemOfJson(text) {
  const problemOf = (part) => {
    try {
      JSON.parse(part);
      return undefined;
    } catch (error) {
      return `is no JSON: ${error.message}`;
    }
  };
  // Log lines are one value each.
  return text.split('\n').every((line) => problemOf(line) === undefined) ? undefined : problemOf(text);
}

/** Syntax alone: a part of a program names what is elsewhere. */
function problemOfCode(language, text) {
  const { diagnostics } = ts.transpileModule(text, {
    reportDiagnostics: true,
    fileName: `block.${language === 'js' ? 'mjs' : language}`,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.ReactJSX,
      allowJs: true,
    },
  });
  const [first] = diagnostics ?? [];
  return first && `does not compile: ${ts.flattenDiagnosticMessageText(first.messageText, ' ')}`;
}
