/**
 * Injection tokens of the module. The client is injected by its class.
 */

/** The connections below the client: `RedisKit`. */
export const REDIS_KIT = Symbol('REDIS_KIT');
/** What the module was given. */
export const REDIS_CORE_OPTIONS = Symbol('REDIS_CORE_OPTIONS');
