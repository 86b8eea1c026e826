/**
 * Counting the clients of a server by their names.
 */
import { describe, expect, it } from '@jest/globals';

import { takeCensus } from './client-census.js';

const OWN = { name: 'longrun-api:command:50', ceiling: 50 };

function list(...names: string[]): string {
  return names
    .map((name, i) => `id=${String(i)} addr=127.0.0.1:1 name=${name} age=1 lib-name=ioredis\n`)
    .join('');
}

describe('the census of clients', () => {
  it('adds up what the processes of the kit may open, and counts the others', () => {
    const text = list(
      'longrun-api:command:50',
      'longrun-api:subscriber',
      'longrun-api:exclusive',
      'longrun-worker:command:150',
      'longrun-worker:bullmq-consumer',
      'a:b:command:8',
      '',
      'somebody',
      'command:7x',
    );
    expect(takeCensus(text, OWN)).toEqual({ processes: 3, mayOpen: 208, foreign: 3 });
  });

  it('counts two processes of one name twice', () => {
    expect(takeCensus(list('x:command:20', 'x:command:20'), { name: 'x:command:20', ceiling: 20 })).toEqual({
      processes: 2,
      mayOpen: 40,
      foreign: 0,
    });
  });

  it('adds the asking process when the server did not take its name', () => {
    expect(takeCensus(list('', 'x:command:20'), OWN)).toEqual({ processes: 2, mayOpen: 70, foreign: 1 });
  });

  it('counts what is open when that is more than the ceilings say', () => {
    const names = Array.from({ length: 60 }, () => 'x:subscriber');
    expect(takeCensus(list(OWN.name, ...names), OWN)).toMatchObject({ mayOpen: 61 });
  });
});
