/**
 * The Prisma client, for everything that is not on a run's hot way (assistants, threads, lists). The statements of that
 * way are hand-written SQL in `@longrun/runs`: they need row locks in a fixed order, `unnest` batches and one round trip.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { Prisma, PrismaClient } from './generated/prisma/client.js';

export { Prisma, PrismaClient };

/** A client over `pool`; closing the pool is the caller's. */
export function createPrismaClient(pool: pg.Pool): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
}
