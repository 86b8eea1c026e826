/**
 * Who sends a request, as the user's `authenticate` says, and what of it a graph gets to see.
 */
import { LongrunError, type JsonObject } from '@longrun/contracts';
import { toStorableJson } from '@longrun/runs';

/** As the SDK's `Auth` hands it to its handlers. */
interface AuthUser extends JsonObject {
  identity: string;
  display_name: string;
  is_authenticated: boolean;
  permissions: string[];
}

/** Somebody who was authenticated. */
export interface Caller {
  readonly user: AuthUser;
  readonly permissions: readonly string[];
  /** Of its own, instead of those for everybody; null: as everybody. */
  readonly limits?: { readonly perSecond: number | null; readonly quota: number | null };
}

/** As on the platform; `isStudioUser` of the SDK knows it by these. */
export const STUDIO_CALLER: Caller = {
  user: {
    kind: 'StudioUser',
    identity: 'langgraph-studio-user',
    display_name: 'langgraph-studio-user',
    is_authenticated: true,
    permissions: [],
  },
  permissions: [],
};

/**
 * What `authenticate` has answered: an identity, or an object that has one.
 *
 * @throws LongrunError AUTH_FAILED for anything else: nobody is let in by mistake
 */
export function toCaller(answer: unknown): Caller {
  if (typeof answer === 'string' && answer !== '') return toCaller({ identity: answer });
  if (!isUserLike(answer)) throw wrongAnswer();
  const permissions = Array.isArray(answer.permissions)
    ? answer.permissions.filter((permission) => typeof permission === 'string')
    : [];
  // It is stored with runs: as JSON, and without what Postgres cannot hold.
  const plain = JSON.parse(toStorableJson(answer)) as JsonObject & { identity: string };
  // Two identities that differ in that alone must not become one.
  if (plain.identity !== answer.identity) throw wrongAnswer();
  const user = {
    ...plain,
    is_authenticated: typeof plain['is_authenticated'] === 'boolean' ? plain['is_authenticated'] : true,
    display_name: typeof plain['display_name'] === 'string' ? plain['display_name'] : plain.identity,
    permissions,
  };
  return { user, permissions };
}

/** What becomes part of `configurable` of a caller's runs, above everything that a request says. */
export function identityOf({ user, permissions }: Caller): JsonObject {
  return {
    langgraph_auth_user: user,
    langgraph_auth_user_id: user.identity,
    langgraph_auth_permissions: [...permissions],
  };
}

function wrongAnswer(): LongrunError {
  return new LongrunError(
    'AUTH_FAILED',
    'authenticate() of auth.path must return a text without NUL characters, or an object with such an identity.',
  );
}

function isUserLike(value: unknown): value is { identity: string; permissions?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'identity' in value &&
    typeof value.identity === 'string' &&
    value.identity !== ''
  );
}
