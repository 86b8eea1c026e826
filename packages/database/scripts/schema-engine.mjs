// The official schema engine compiled to WebAssembly, over @prisma/adapter-pg: migrations with npm packages alone.
//
// Two gaps of the adapter are bridged here: it cannot read some catalog types, and it splits scripts on ';' (which
// breaks PL/pgSQL) and drops the shadow database while its pool is still open.
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

const require = createRequire(import.meta.url);
const packageRoot = path.resolve(import.meta.dirname, '..');
export const schemaPath = path.join(packageRoot, 'prisma/schema.prisma');
export const migrationsPath = path.join(packageRoot, 'prisma/migrations');

// char, int2vector, regproc, pg_node_tree and the reg* types, read as text.
const CATALOG_TYPES = new Set([18, 22, 24, 194, 2205, 2206]);
const TEXT = 25;

function readCatalogTypes(result) {
  for (const field of Array.isArray(result) ? [] : (result?.fields ?? [])) {
    if (CATALOG_TYPES.has(field.dataTypeID)) field.dataTypeID = TEXT;
  }
  return result;
}

class CatalogPool extends pg.Pool {
  async query(...args) {
    return readCatalogTypes(await super.query(...args));
  }

  async connect(callback) {
    if (callback) return super.connect(callback);
    const client = await super.connect();
    if (!client.catalogTypes) {
      const query = client.query.bind(client);
      client.query = async (...args) => readCatalogTypes(await query(...args));
      client.catalogTypes = true;
    }
    return client;
  }
}

class SchemaEngineAdapterFactory {
  provider = 'postgres';
  adapterName = '@prisma/adapter-pg';

  constructor(connectionString) {
    this.connectionString = connectionString;
  }

  async #open(connectionString, onClose) {
    const pool = new CatalogPool({ connectionString, max: 1 });
    const adapter = await new PrismaPg(pool).connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      // The one column that the engine insists on reading as a character; Postgres 18 has rows in it for every table.
      const index = result.columnNames.indexOf('constraint_type');
      if (index >= 0) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    };
    adapter.executeScript = async (script) => {
      try {
        await pool.query(script);
      } catch (error) {
        adapter.onError(error);
      }
    };
    adapter.dispose = async () => {
      await pool.end();
      await onClose?.();
    };
    return adapter;
  }

  connect() {
    return this.#open(this.connectionString);
  }

  async connectToShadowDb() {
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = async (sql) => {
      const client = new pg.Client({ connectionString: this.connectionString });
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
    };
    await admin(`CREATE DATABASE "${name}"`);
    const url = new URL(this.connectionString);
    url.pathname = `/${name}`;
    return this.#open(url.toString(), () => admin(`DROP DATABASE "${name}" WITH (FORCE)`));
  }
}

export async function openSchemaEngine(databaseUrl) {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: '',
    set_message(message) {
      this.message = message;
    },
  };
  const wasm = path.join(
    path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')),
    'schema_engine_bg.wasm',
  );
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const factory = bindMigrationAwareSqlAdapterFactory(new SchemaEngineAdapterFactory(databaseUrl));
  const schema = { files: [{ path: schemaPath, content: await readFile(schemaPath, 'utf8') }] };
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[schemaPath, schema.files[0].content]] },
    () => {},
    factory,
  );
  return { engine, schema };
}

export async function readMigrations() {
  const entries = await readdir(migrationsPath, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const lock = path.join(migrationsPath, 'migration_lock.toml');
  return {
    baseDir: migrationsPath,
    lockfile: { path: 'migration_lock.toml', content: await readFile(lock, 'utf8').catch(() => null) },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok',
            value: await readFile(path.join(migrationsPath, name, 'migration.sql'), 'utf8'),
          },
        },
      })),
    ),
  };
}

export const filters = { externalTables: [], externalEnums: [] };
