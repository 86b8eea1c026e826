/**
 * What an API key looks like: `lr_<id>_<secret>`. The id finds its row; of the secret only a hash is stored.
 *
 * A hash without salt and without stretching is enough for 256 random bits: there is no dictionary of them. Source: OWASP, Cryptographic
 * Storage Cheat Sheet.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SHAPE = /^lr_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const ID_BYTES = 8;
const SECRET_BYTES = 32;

export interface MadeKey {
  /** Public. */
  id: string;
  /** The whole key: whoever has it may use it. It is shown once. */
  text: string;
  hash: Buffer;
}

export function makeApiKey(): MadeKey {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, text: `lr_${id}_${secret}`, hash: hashOf(secret) };
}

/** The parts of a key; null for a text that cannot be one. */
export function parseApiKey(text: string): { id: string; secret: string } | null {
  const [, id, secret] = SHAPE.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** Takes as long for a wrong secret as for the right one. */
export function isSecretOf(hash: Uint8Array, secret: string): boolean {
  const given = hashOf(secret);
  return hash.length === given.length && timingSafeEqual(hash, given);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
