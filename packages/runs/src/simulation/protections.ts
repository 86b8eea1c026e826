/**
 * What keeps the promises, each to be switched off alone: a simulation in which nothing can fail proves nothing.
 */
export interface Protections {
  /** A batch of events is refused when the attempt has lost the run. */
  appendIsFenced: boolean;
  /** Each attempt of a batch stands for itself, also beside another one of its run. */
  appendFencesEachAttempt: boolean;
  /** So is a checkpoint. */
  checkpointIsFenced: boolean;
  /** Every claim has a new attempt number. */
  claimCountsAttempts: boolean;
  /** A worker's finish needs its attempt to hold the run. */
  finishComparesAttempt: boolean;
  /** A run with a cancel mark does not succeed. */
  cancelIsKept: boolean;
  /** The end record is committed with the terminal status. */
  endIsWrittenWithStatus: boolean;
  /** After an unknown outcome the same batch goes again, under the same numbers. */
  batchKeepsItsNumbers: boolean;
  /** Events go out when they are committed, not before. */
  publishFollowsCommit: boolean;
  /** The hot tail takes only what continues it. */
  tailIsContiguous: boolean;
  /** A reader listens first and reads the log then. */
  readerSubscribesFirst: boolean;
  /** A reader goes back to the log when a number is missing. */
  readerChecksNumbers: boolean;
  /** Runs of which nothing is heard are asked for. */
  silentRunsAreAskedFor: boolean;
  /** A create whose COMMIT got no answer is looked up before the client is told to repeat it. */
  createIsLookedUp: boolean;
  /** A run of a thread waits for the one before. */
  threadRunsOneAtATime: boolean;
  /** Pending runs that nobody fetches are dispatched again. */
  lostRunsAreDispatched: boolean;
  /** A worker gives back what it holds and does not execute. */
  orphansAreGivenBack: boolean;
  /** A worker without a row has stopped or was judged before: what it still holds is charged no crash. */
  stoppedAreChargedNothing: boolean;
  /** Runs of dead workers are rescued. */
  deadAreRescued: boolean;
  /** A rescue takes only the attempt that it has seen. */
  rescueComparesAttempt: boolean;
  /** A rescue is called off when the worker has renewed its heartbeat since it was judged. */
  rescueComparesBeat: boolean;
  /** A silence of Postgres breaks off the observation of workers. */
  observationStartsOver: boolean;
  /** A worker judged by its lease alone is charged no crash. */
  leaseChargesNothing: boolean;
  /** A later attempt goes on from the run's own checkpoint. */
  attemptResumes: boolean;
  /** The newest checkpoint is the one committed last, whatever clocks say. */
  commitOrdersCheckpoints: boolean;
}

export const ALL_PROTECTIONS: Readonly<Protections> = {
  appendIsFenced: true,
  appendFencesEachAttempt: true,
  checkpointIsFenced: true,
  claimCountsAttempts: true,
  finishComparesAttempt: true,
  cancelIsKept: true,
  endIsWrittenWithStatus: true,
  batchKeepsItsNumbers: true,
  publishFollowsCommit: true,
  tailIsContiguous: true,
  readerSubscribesFirst: true,
  readerChecksNumbers: true,
  silentRunsAreAskedFor: true,
  createIsLookedUp: true,
  threadRunsOneAtATime: true,
  lostRunsAreDispatched: true,
  orphansAreGivenBack: true,
  stoppedAreChargedNothing: true,
  deadAreRescued: true,
  rescueComparesAttempt: true,
  rescueComparesBeat: true,
  observationStartsOver: true,
  leaseChargesNothing: true,
  attemptResumes: true,
  commitOrdersCheckpoints: true,
};
