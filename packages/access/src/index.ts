/**
 * `@longrun/access`: API keys. What they look like, what they allow, and their record; for the api that checks them and the command line
 * that makes them.
 */
export { ApiKeyStore, type ApiKey, type KeyLimits, type KnownKey } from './api-key-store.js';
export { parseApiKey } from './api-key.js';
export { isScope, mayDo, SCOPES, scopeFor, type Scope } from './scopes.js';
