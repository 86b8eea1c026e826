/**
 * The names of the components in a file, read from its source: the file is made for a browser and is never executed here.
 */
import { readFile } from 'node:fs/promises';
import type ts from 'typescript';

type Compiler = typeof ts;

/**
 * The keys of the object that the file exports by default.
 *
 * @returns null when the source does not spell them out: an imported or computed object, a spread
 */
export async function componentNamesOf(file: string): Promise<string[] | null> {
  // Loaded on first use: few projects have components, and the compiler is large.
  const { default: compiler } = await import('typescript');
  const text = await readFile(file, 'utf8');
  const source = compiler.createSourceFile(
    file,
    text,
    compiler.ScriptTarget.Latest,
    false,
    compiler.ScriptKind.TSX,
  );
  const exported = source.statements.find(
    (statement): statement is ts.ExportAssignment =>
      compiler.isExportAssignment(statement) && !statement.isExportEquals,
  );
  return exported ? keysOf(compiler, source, exported.expression) : null;
}

function keysOf(compiler: Compiler, source: ts.SourceFile, expression: ts.Expression): string[] | null {
  if (
    compiler.isAsExpression(expression) ||
    compiler.isSatisfiesExpression(expression) ||
    compiler.isParenthesizedExpression(expression)
  ) {
    return keysOf(compiler, source, expression.expression);
  }
  if (compiler.isIdentifier(expression)) {
    const value = constantOf(compiler, source, expression.text);
    return value ? keysOf(compiler, source, value) : null;
  }
  if (!compiler.isObjectLiteralExpression(expression)) return null;
  const names = expression.properties.map(({ name }) =>
    name && (compiler.isIdentifier(name) || compiler.isStringLiteral(name)) ? name.text : null,
  );
  return names.every((name) => name !== null) ? names : null;
}

/** What `const name = …` at the top of the file stands for. */
function constantOf(compiler: Compiler, source: ts.SourceFile, name: string): ts.Expression | undefined {
  return source.statements
    .filter((statement) => compiler.isVariableStatement(statement))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((declaration) => compiler.isIdentifier(declaration.name) && declaration.name.text === name)
    ?.initializer;
}
