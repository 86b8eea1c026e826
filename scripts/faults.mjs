// `pnpm faults`: builds, then kills, freezes and cuts off the parts of a real system and checks what it promises.
import { runBuilt } from './run-built.mjs';
import { withTestServices } from './test-services.mjs';

// The Postgres is for the scenarios that do nothing to it; the others have one of their own.
const { code, interrupted } = await withTestServices('faults', (env) =>
  runBuilt('packages/faults/dist/main.js', env),
);
process.exit(interrupted ? 130 : code);
