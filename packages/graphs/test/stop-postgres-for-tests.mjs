// Stops what postgres-for-tests.mjs started.
export default async function teardown() {
  await globalThis.stopPostgresForTests?.();
}
