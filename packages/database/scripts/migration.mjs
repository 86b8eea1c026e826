// `node scripts/migration.mjs new <name>`: writes the migration that takes the database of DATABASE_URL to the schema.
// `node scripts/migration.mjs drift`:      fails when the migrations do not lead to the schema.
// DATABASE_URL needs the right to create a (shadow) database.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { filters, migrationsPath, openSchemaEngine, readMigrations } from './schema-engine.mjs';

const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl) {
  console.error('DATABASE_URL is not set: name a Postgres on which a shadow database may be created.');
  process.exit(2);
}
const [command, name] = process.argv.slice(2);
const { engine, schema } = await openSchemaEngine(databaseUrl);
try {
  const difference = () =>
    readMigrations().then((migrations) =>
      engine.diff({
        from: { tag: 'migrations', ...migrations },
        to: { tag: 'schemaDatamodel', files: schema.files },
        script: true,
        exitCode: true,
        filters,
      }),
    );
  if (command === 'new' && name) {
    const { stdout: script, exitCode } = await difference();
    if (exitCode !== 2 || !script) {
      console.log('The migrations lead to the schema already.');
    } else {
      const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
      const directory = path.join(migrationsPath, `${time}_${name}`);
      await mkdir(directory, { recursive: true });
      await writeFile(path.join(directory, 'migration.sql'), script);
      console.log(`Wrote ${directory}/migration.sql`);
    }
  } else if (command === 'drift') {
    const result = await difference();
    if (result.exitCode === 2) {
      console.error('The migrations do not lead to prisma/schema.prisma. What is missing:');
      console.error(result.stdout ?? '');
      process.exitCode = 1;
    } else {
      console.log('The migrations lead to prisma/schema.prisma.');
    }
  } else {
    console.error('usage: migration.mjs new <name> | drift');
    process.exitCode = 2;
  }
} catch (error) {
  console.error(error, globalThis.PRISMA_WASM_PANIC_REGISTRY.message);
  process.exitCode = 1;
}
process.exit();
