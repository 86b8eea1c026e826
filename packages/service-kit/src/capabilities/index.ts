/**
 * What a process may lose, and how it shows.
 */
export { AnswerWatch } from './answer-watch.js';
export { Capabilities } from './capabilities.js';
export type { CapabilityName } from './capability.js';
export { addRedisCapabilities, type RedisParts } from './redis-capabilities.js';
