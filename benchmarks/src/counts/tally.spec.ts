import { describe, expect, it } from '@jest/globals';
import { classOf, perRun, TallyCounter, totalFor } from './tally.js';

const transaction = (applicationName: string, ...sql: string[]) => ({
  applicationName,
  statements: sql.map((text) => ({ name: '', sql: text })),
  roundTrips: sql.length,
});

describe('a tally', () => {
  it('keeps what is for checkpoints apart, with the fence and the commit around it', () => {
    const counter = new TallyCounter();
    counter.add(
      transaction(
        'longrun-worker',
        'BEGIN',
        'SELECT 1 FROM run WHERE run_id = $1 FOR SHARE',
        'INSERT INTO "langgraph".checkpoints VALUES ($1)',
        'COMMIT',
      ),
    );
    counter.add(
      transaction('longrun-worker', 'UPDATE run SET x = (SELECT max(id) FROM langgraph.checkpoints)'),
    );
    counter.add(
      transaction(
        'longrun-log',
        'BEGIN',
        'INSERT INTO run_event SELECT 1',
        'INSERT INTO langgraph.checkpoint_writes SELECT 1',
        'COMMIT',
      ),
    );
    const tally = counter.take();
    expect(totalFor(tally, 'checkpoint')).toEqual({
      statements: 5,
      roundTrips: 4,
      transactions: 1,
      commits: 1,
    });
    expect(totalFor(tally, 'run')).toEqual({ statements: 4, roundTrips: 5, transactions: 2, commits: 2 });
    expect(counter.take().statements.size).toBe(0);
  });

  it('takes only transactions that write or lock for commits', () => {
    const counter = new TallyCounter();
    counter.add(transaction('longrun-api', 'SELECT run_id FROM run'));
    counter.add(transaction('longrun-api', 'SELECT run_id FROM run FOR NO KEY UPDATE'));
    expect(totalFor(counter.take(), 'run')).toMatchObject({ transactions: 2, commits: 1 });
  });

  it('loses what an idle system does in the same time, and is divided by the runs', () => {
    const idle = new TallyCounter();
    for (let second = 0; second < 10; second += 1)
      idle.add(transaction('longrun-heartbeat', 'UPDATE worker'));
    const busy = new TallyCounter();
    for (let second = 0; second < 5; second += 1) busy.add(transaction('longrun-heartbeat', 'UPDATE worker'));
    for (let run = 0; run < 4; run += 1) busy.add(transaction('longrun-worker', 'UPDATE run'));
    const cost = perRun(busy.take(), idle.take(), 0.5, 4);
    expect(totalFor(cost, 'run')).toEqual({ statements: 1, roundTrips: 1, transactions: 1, commits: 1 });
    expect(Object.fromEntries(cost.statements)).toEqual({
      'worker run UPDATE worker': 0,
      'worker run UPDATE run': 1,
    });
  });

  it('knows to which process a session belongs', () => {
    expect(
      ['longrun-api', 'longrun-log', 'longrun-heartbeat', 'longrun-sweeper', 'psql'].map(classOf),
    ).toEqual(['api', 'worker', 'worker', 'sweeper', 'other']);
  });
});
