// Whether a migration may be applied while the version before it goes on serving: it only adds, or what it takes away was out of use already.
// Read by scripts/check-migrations.mjs. What cannot be judged from the statement alone is refused until somebody has said why it is safe.

/** Each with what it does to the version before, and what to do instead. The first that fits a statement speaks for it. */
const RULES = [
  [
    /^DROP (TABLE|TYPE|VIEW|SCHEMA|FUNCTION|TRIGGER)\b/,
    'the version before still uses it: stop using it in one release, drop it in a later one',
  ],
  [/^TRUNCATE\b/, 'data of the version before is lost'],
  [
    /^ALTER (TABLE|TYPE|INDEX)\b.*\bRENAME\b/,
    'the version before knows the old name: add the new one, write both, drop the old one in a later release',
  ],
  [
    /^ALTER TABLE\b.*\bDROP (COLUMN|CONSTRAINT)\b/,
    'the version before still uses it: stop using it in one release, drop it in a later one',
  ],
  [
    /^ALTER TABLE\b.*\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b/,
    'it writes the table anew under a lock that stops everybody: add a column instead',
  ],
  [
    /^ALTER TABLE\b.*\bALTER (COLUMN )?\S+ SET NOT NULL\b/,
    'the version before may write null: add a default first, or a check that is NOT VALID',
  ],
  [/^ALTER TABLE\b.*\bALTER (COLUMN )?\S+ DROP DEFAULT\b/, 'the version before may leave it out'],
  [
    /^ALTER TABLE\b.*\bADD (CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY)\b(?!.*\bNOT VALID\b)/,
    'it reads the table under a lock, and the version before may write what it refuses: add it NOT VALID',
  ],
  [/^CREATE UNIQUE INDEX\b/, 'the version before may write what it refuses'],
  [
    /^CREATE INDEX (?!CONCURRENTLY\b)/,
    'nobody can write to the table meanwhile: CREATE INDEX CONCURRENTLY, alone in its migration',
  ],
  [
    /^(UPDATE|DELETE)\b/,
    'it holds every row that it changes until its end, and the version before goes on writing the old form',
  ],
];
/** Additions to a table that somebody uses. A column that must be given is refused by the version before, which does not know it. */
const REQUIRED_COLUMN =
  /\bADD COLUMN (?:IF NOT EXISTS )?[^,]*\bNOT NULL\b(?![^,]*\bDEFAULT\b)(?<![^,]*\bDEFAULT\b[^,]*)/;
const ADDS_ONLY =
  /^(CREATE (TABLE|TYPE|INDEX CONCURRENTLY|SEQUENCE|SCHEMA|EXTENSION)|ALTER TABLE|ALTER TYPE \S+ ADD VALUE|INSERT INTO|DROP INDEX|COMMENT ON)\b/;

/** @returns the statements that need a reason, with the rule that they break */
export function unsafeStatements(sql) {
  const statements = splitStatements(sql);
  const created = new Set(
    statements.flatMap((statement) => /^CREATE TABLE (?:IF NOT EXISTS )?(\S+)/.exec(statement)?.[1] ?? []),
  );
  return statements.flatMap((statement) => {
    const rule = brokenRule(statement, { created, isAlone: statements.length === 1 });
    return rule === undefined ? [] : [{ statement, rule }];
  });
}

function brokenRule(statement, { created, isAlone }) {
  // Nobody uses a table before it is there.
  const table = /^(?:ALTER TABLE (?:ONLY )?|CREATE (?:UNIQUE )?INDEX .*? ON |UPDATE )([^\s(]+)/.exec(
    statement,
  )?.[1];
  if (table !== undefined && created.has(table)) return undefined;
  const rule = RULES.find(([pattern]) => pattern.test(statement));
  if (rule) return rule[1];
  if (/^CREATE INDEX CONCURRENTLY\b/.test(statement) && !isAlone)
    return 'made concurrently it must be alone in its migration';
  if (statement.startsWith('ALTER TABLE') && REQUIRED_COLUMN.test(statement))
    return 'the version before does not give it a value: add a default';
  return ADDS_ONLY.test(statement) ? undefined : 'this kind of statement is not known to be safe';
}

/**
 * @param migrations all of them
 * @param accepted by migration, then by the beginning of a statement: why it is safe
 * @returns what is wrong, a line each: statements without a reason, and reasons for nothing
 */
export function checkSafety(migrations, accepted) {
  const problems = [];
  const used = new Set();
  for (const { name, sql } of migrations) {
    const reasons = Object.keys(accepted[name] ?? {});
    for (const { statement, rule } of unsafeStatements(sql)) {
      const reason = reasons.find((beginning) => statement.startsWith(beginning));
      if (reason === undefined)
        problems.push(
          `${name}: ${statement.slice(0, 120)}\n  ${rule}; or say why it is safe in packages/database/prisma/accepted.json`,
        );
      else used.add(`${name} ${reason}`);
    }
  }
  for (const [name, reasons] of Object.entries(accepted)) {
    for (const beginning of Object.keys(reasons)) {
      if (!used.has(`${name} ${beginning}`))
        problems.push(`${name}: accepted.json has a reason for "${beginning}", which needs none`);
    }
  }
  return problems;
}

/** Without comments, with single spaces. Knows strings, quoted names and dollar quotes. */
function splitStatements(sql) {
  const tokens =
    sql.match(
      /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|;|[^;'"$/-]+|[\s\S]/g,
    ) ?? [];
  const statements = [''];
  for (const token of tokens) {
    if (token === ';') statements.push('');
    else statements[statements.length - 1] += /^(--|\/\*)/.test(token) ? ' ' : token;
  }
  return statements
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}
