import { describe, expect, it } from '@jest/globals';
import { checkSafety, unsafeStatements } from '../scripts/migration-safety.mjs';

const refused = (sql: string): string[] => unsafeStatements(sql).map(({ statement }) => statement);

describe('a migration', () => {
  it.each([
    'CREATE TABLE "a" ("id" UUID NOT NULL)',
    'ALTER TABLE "run" ADD COLUMN "x" TEXT',
    'ALTER TABLE "run" ADD COLUMN "x" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "y" TEXT',
    'ALTER TABLE "run" ADD COLUMN "x" INTEGER DEFAULT 0 NOT NULL',
    'ALTER TABLE "run" ADD CONSTRAINT "c" CHECK (x > 0) NOT VALID',
    'CREATE INDEX CONCURRENTLY "i" ON "run" ("x")',
    'DROP INDEX "i"',
    `INSERT INTO "a" VALUES ('DROP TABLE "run"; UPDATE "run" SET x = 1')`,
    'CREATE TABLE "a" ("id" UUID); CREATE UNIQUE INDEX "i" ON "a" ("id"); ALTER TABLE "a" ADD CONSTRAINT "c" FOREIGN KEY ("id") REFERENCES "run"("run_id")',
  ])('may %s', (sql) => {
    expect(refused(`-- DROP TABLE "run";\n${sql};`)).toEqual([]);
  });

  it.each([
    'DROP TABLE "run"',
    'TRUNCATE "run"',
    'ALTER TABLE "run" DROP COLUMN "x"',
    'ALTER TABLE "run" RENAME COLUMN "x" TO "y"',
    'ALTER TABLE "run" RENAME TO "y"',
    'ALTER TABLE "run" ALTER COLUMN "x" SET DATA TYPE BIGINT',
    'ALTER TABLE "run" ALTER COLUMN "x" TYPE BIGINT',
    'ALTER TABLE "run" ALTER COLUMN "x" SET NOT NULL',
    'ALTER TABLE "run" ALTER COLUMN "x" DROP DEFAULT',
    'ALTER TABLE "run" ADD COLUMN "x" TEXT, ADD COLUMN "y" TEXT NOT NULL',
    'ALTER TABLE "run" ADD CONSTRAINT "c" CHECK (x > 0)',
    'CREATE INDEX "i" ON "run" ("x")',
    'CREATE UNIQUE INDEX "i" ON "run" ("x")',
    'UPDATE "run" SET x = 1',
    'DELETE FROM "run"',
    'GRANT ALL ON "run" TO public',
  ])('may not %s without a reason', (sql) => {
    expect(refused(`CREATE TABLE "new" ("id" UUID);\n${sql};\n-- the end`)).toEqual([sql]);
  });

  it('may make an index concurrently only alone', () => {
    const index = 'CREATE INDEX CONCURRENTLY "i" ON "run" ("x")';
    expect(refused(`ALTER TABLE "run" ADD COLUMN "x" TEXT; ${index};`)).toEqual([index]);
  });

  it('needs a reason for each statement, and no reason for nothing', () => {
    const migrations = [{ name: 'one', sql: 'DROP TABLE "a"; DROP TABLE "b";' }];
    expect(checkSafety(migrations, {})).toHaveLength(2);
    expect(checkSafety(migrations, { one: { 'DROP TABLE': 'nobody used them' } })).toEqual([]);
    expect(
      checkSafety(migrations, { one: { 'DROP TABLE': 'nobody used them', UPDATE: 'small' } }),
    ).toHaveLength(1);
    expect(checkSafety([], { one: { 'DROP TABLE': 'nobody used them' } })).toHaveLength(1);
  });
});
