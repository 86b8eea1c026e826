/**
 * Why an attempt to connect failed, as one of a few kinds: for metrics, which must not have a series per message.
 */

/** The first that matches: what a Sentinel has said of others comes before why. */
const KINDS = [
  ['sentinel', /no Sentinel names/],
  ['auth', /WRONGPASS|NOAUTH|NOPERM|invalid (user|pass)/i],
  ['max-clients', /max number of clients/],
  ['role', /has the role/],
  ['refused', /ECONNREFUSED|connect ENOENT/],
  ['dns', /ENOTFOUND|EAI_/],
  ['unroutable', /EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/],
  ['timeout', /no handshake within|ETIMEDOUT|socket timeout/i],
  ['tls', /certificate|\bSSL\b|\bTLS\b|EPROTO|ERR_TLS/i],
  ['reset', /ECONNRESET|EPIPE|closed by the server|socket hang up/],
] as const;

/** `auth`, `refused`, `timeout`, …; `other` for what is none of these. */
export type ConnectFailure = (typeof KINDS)[number][0] | 'other';

/** The kind that the reason of a failure, a sentence for people, belongs to. */
export function classifyConnectFailure(reason: string): ConnectFailure {
  return KINDS.find(([, pattern]) => pattern.test(reason))?.[0] ?? 'other';
}
