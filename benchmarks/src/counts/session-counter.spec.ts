import { describe, expect, it } from '@jest/globals';
import { SessionCounter, type CountedTransaction } from './session-counter.js';

/** A message with its type and length. */
function message(type: string, ...parts: (string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : Buffer.from([part]))),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function startup(applicationName: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    Buffer.from(`user\0postgres\0application_name\0${applicationName}\0\0`),
  ]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

const ready = (status: 'I' | 'T'): Buffer => message('Z', status.charCodeAt(0));
const query = (sql: string): Buffer => message('Q', sql);
const prepared = (name: string, sql?: string): Buffer =>
  Buffer.concat([
    ...(sql === undefined ? [] : [message('P', name, sql, 0, 0)]),
    message('B', '', name, 0, 0, 0, 0, 0, 0),
    message('D', 'P'),
    message('E', '', 0, 0, 0, 0),
    message('S'),
  ]);

function session(): { counter: SessionCounter; transactions: CountedTransaction[] } {
  const transactions: CountedTransaction[] = [];
  const counter = new SessionCounter((transaction) => transactions.push(transaction));
  counter.clientSent(startup('longrun-api'));
  counter.serverSent(ready('I'));
  return { counter, transactions };
}

describe('a session of Postgres', () => {
  it('is counted by transaction: statements and waits', () => {
    const { counter, transactions } = session();
    for (const [sql, status] of [
      ['BEGIN', 'T'],
      ['SELECT 1', 'T'],
      ['COMMIT', 'I'],
    ] as const) {
      counter.clientSent(query(sql));
      counter.serverSent(ready(status));
    }
    expect(transactions).toHaveLength(1);
    expect(transactions[0]).toMatchObject({ applicationName: 'longrun-api', roundTrips: 3 });
    expect(transactions[0]?.statements.map(({ sql }) => sql)).toEqual(['BEGIN', 'SELECT 1', 'COMMIT']);
  });

  it('knows a prepared statement again by its name', () => {
    const { counter, transactions } = session();
    counter.clientSent(prepared('claim', 'UPDATE run'));
    counter.serverSent(ready('I'));
    counter.clientSent(prepared('claim'));
    counter.serverSent(ready('I'));
    expect(transactions.map(({ statements }) => statements)).toEqual([
      [{ name: 'claim', sql: 'UPDATE run' }],
      [{ name: 'claim', sql: 'UPDATE run' }],
    ]);
  });

  it('waits once for what is sent together, and counts several statements of one message', () => {
    const { counter, transactions } = session();
    counter.clientSent(Buffer.concat([query('BEGIN'), prepared('', 'SELECT 1'), query('COMMIT; ')]));
    counter.serverSent(Buffer.concat([ready('T'), ready('T'), ready('I')]));
    counter.clientSent(query('BEGIN; SELECT 2; COMMIT'));
    counter.serverSent(ready('I'));
    expect(transactions.map(({ roundTrips, statements }) => [roundTrips, statements.length])).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  it('is the same wherever its bytes are cut', () => {
    const { counter, transactions } = session();
    for (const byte of Buffer.concat([prepared('a', 'SELECT 1'), query('SELECT 2')]))
      counter.clientSent(Buffer.from([byte]));
    for (const byte of Buffer.concat([ready('I'), ready('I')])) counter.serverSent(Buffer.from([byte]));
    expect(transactions.map(({ roundTrips }) => roundTrips)).toEqual([1, 0]);
    expect(transactions.flatMap(({ statements }) => statements)).toHaveLength(2);
  });
});
