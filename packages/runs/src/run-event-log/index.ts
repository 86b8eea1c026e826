/**
 * The event log of runs: append, read and subscribe stand together.
 */
export { InProcessEventBus } from './in-process-event-bus.js';
export { PAGE_EVENTS, readLog } from './read-log.js';
export { RedisEventBus } from './redis-event-bus.js';
export type { BusMessage, BusSubscription, RunEventBus, ThreadNews } from './run-event-bus.js';
export type { RunEventAppender } from './run-event-appender.js';
export { RunEventHub, type RunEventHubOptions } from './run-event-hub.js';
export { RunEventReader, type ReaderSource } from './run-event-reader.js';
export { RunEventWriter, type RunEventWriterOptions } from './run-event-writer.js';
