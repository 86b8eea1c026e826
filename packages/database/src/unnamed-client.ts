/**
 * A connection through a transaction pooler: what it prepared under a name may be on another server the next time, so nothing has one.
 */
import pg from 'pg';

export class UnnamedClient extends pg.Client {
  // The signature of the base class is a dozen overloads.
  override query = ((query: unknown, ...others: unknown[]): unknown => {
    const unnamed = isNamed(query) ? { ...query, name: undefined } : query;
    return (pg.Client.prototype.query as (...args: unknown[]) => unknown).call(this, unnamed, ...others);
  }) as pg.Client['query'];
}

/** Not a query that brings its own way of being sent, such as a cursor. */
function isNamed(query: unknown): query is { name: string } {
  return typeof query === 'object' && query !== null && 'name' in query && !('submit' in query);
}
