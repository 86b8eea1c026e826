/**
 * The process that runs the TypeScript compiler for `static-schemas.ts`: one request, one answer, then it ends. A failure is
 * an exit code other than 0.
 */
import { getStaticGraphSchema } from '@langchain/langgraph-api/schema';
import type { SchemaRequest } from './static-schemas.js';

process.once('message', (request: SchemaRequest) => {
  void getStaticGraphSchema(request, { mainThread: true }).then(
    (schemas) => process.send?.(schemas, () => process.exit(0)),
    () => process.exit(1),
  );
});
