import { describe, expect, it } from '@jest/globals';
import { LivenessObserver, type ObservedWorker } from './liveness-observer.js';

const alive = (beat: number): ObservedWorker => ({ workerId: 'w', beat: String(beat), lockFree: false });
const dead = (beat: number): ObservedWorker => ({ workerId: 'w', beat: String(beat), lockFree: true });

/** Feeds an answer every 500 ms of a fake clock. */
function observe(
  observer: LivenessObserver,
  fromMs: number,
  untilMs: number,
  worker: (atMs: number) => ObservedWorker,
  postmasterStart = 'p1',
) {
  const verdicts: { atMs: number; chargeCrash: boolean }[] = [];
  for (let at = fromMs; at <= untilMs; at += 500) {
    for (const verdict of observer.observe({ postmasterStart, workers: [worker(at)] }, at)) {
      verdicts.push({ atMs: at, chargeCrash: verdict.chargeCrash });
    }
  }
  return verdicts;
}

describe('LivenessObserver', () => {
  it('judges no worker whose beat grows, whatever its lock says', () => {
    const verdicts = observe(new LivenessObserver(), 0, 60_000, (at) => dead(Math.floor(at / 1_000)));
    expect(verdicts).toEqual([]);
  });

  it('judges a worker 2 s after its last beat when its lock is free, and charges the crash', () => {
    const [first] = observe(new LivenessObserver(), 0, 5_000, () => dead(7));
    expect(first).toEqual({ atMs: 2_000, chargeCrash: true });
  });

  it('judges a worker that keeps its lock after 10 s, and charges nothing', () => {
    const [first] = observe(new LivenessObserver(), 0, 12_000, () => alive(7));
    expect(first).toEqual({ atMs: 10_000, chargeCrash: false });
  });

  it('starts over after a pause of Postgres, so that the pause itself kills nobody', () => {
    const observer = new LivenessObserver();
    observe(observer, 0, 1_500, () => alive(7));
    // 11 s without an answer; the session died, and the worker has not reconnected yet.
    expect(observe(observer, 13_000, 14_500, () => dead(7))).toEqual([]);
  });

  it('still judges a worker that does not come back after the pause', () => {
    const observer = new LivenessObserver();
    observe(observer, 0, 1_500, () => alive(7));
    const [first] = observe(observer, 13_000, 20_000, () => dead(7));
    expect(first).toEqual({ atMs: 15_000, chargeCrash: true });
  });

  it('starts over with a new Postgres', () => {
    const observer = new LivenessObserver();
    observe(observer, 0, 1_500, () => dead(7), 'p1');
    expect(observe(observer, 2_000, 3_500, () => dead(7), 'p2')).toEqual([]);
  });

  it('judges a worker without a row that still holds runs', () => {
    const gone = { workerId: 'w', beat: null, lockFree: true };
    const [first] = observe(new LivenessObserver(), 0, 3_000, () => gone);
    expect(first?.atMs).toBe(2_000);
  });

  it('charges no crash to runs of a worker that has left in order', () => {
    const gone = { workerId: 'w', beat: null, lockFree: true };
    const [first] = observe(new LivenessObserver(), 0, 3_000, () => gone);
    expect(first?.chargeCrash).toBe(false);
  });

  it('waits when the lock has only just become free, as after a reconnect', () => {
    const observer = new LivenessObserver();
    const verdicts = observe(observer, 0, 5_000, (at) => (at < 4_500 ? alive(7) : dead(7)));
    expect(verdicts).toEqual([]);
  });
});
