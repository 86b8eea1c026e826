/**
 * The checker can fail: with any one protection switched off the simulation finds a schedule that breaks a promise, and tells it.
 */
import { describe, expect, it } from '@jest/globals';
import { explore, tell } from './explore.js';
import { ALL_PROTECTIONS, type Protections } from './protections.js';

const SCHEDULES = 200_000;

/** What is switched off, and the promise that is broken then. */
const BROKEN: Record<keyof Protections, { breaks: RegExp; alsoOff?: keyof Protections }> = {
  appendIsFenced: { breaks: /^I4/ },
  appendFencesEachAttempt: { breaks: /^I[34]/ },
  checkpointIsFenced: { breaks: /^I4/ },
  claimCountsAttempts: { breaks: /^I4/ },
  finishComparesAttempt: { breaks: /^I4/ },
  cancelIsKept: { breaks: /^cancel/ },
  endIsWrittenWithStatus: { breaks: /^I[16]/ },
  batchKeepsItsNumbers: { breaks: /^I2/ },
  publishFollowsCommit: { breaks: /^I3/ },
  tailIsContiguous: { breaks: /^I2/ },
  readerChecksNumbers: { breaks: /^I2/ },
  silentRunsAreAskedFor: { breaks: /^I1/ },
  // Whoever reads before it listens is saved by the question about silent runs.
  readerSubscribesFirst: { breaks: /^I1/, alsoOff: 'silentRunsAreAskedFor' },
  createIsLookedUp: { breaks: /^I1/ },
  threadRunsOneAtATime: { breaks: /^I5/ },
  lostRunsAreDispatched: { breaks: /^I1/ },
  orphansAreGivenBack: { breaks: /^I1/ },
  deadAreRescued: { breaks: /^I1/ },
  rescueComparesAttempt: { breaks: /^rescue|^charge/ },
  rescueComparesBeat: { breaks: /^rescue|^charge/ },
  stoppedAreChargedNothing: { breaks: /^charge/ },
  observationStartsOver: { breaks: /^rescue|^charge/ },
  leaseChargesNothing: { breaks: /^charge/ },
  attemptResumes: { breaks: /^I7/ },
  commitOrdersCheckpoints: { breaks: /^I7/ },
};

describe('the simulation', () => {
  it.each(Object.entries(BROKEN))(
    'finds out when a protection is switched off: %s',
    (name, { breaks, alsoOff }) => {
      const off = { [name]: false, ...(alsoOff ? { [alsoOff]: false } : {}) };
      const finding = explore(1, SCHEDULES, { ...ALL_PROTECTIONS, ...off });
      if (!finding) throw new Error(`Nothing was found in ${SCHEDULES} schedules.`);
      expect(finding.violation.invariant).toMatch(breaks);
      expect(tell(finding)).toContain(`!          ${finding.violation.invariant}:`);
      // Short enough to be read.
      expect(finding.story.length).toBeLessThan(60);
    },
    300_000,
  );
});
