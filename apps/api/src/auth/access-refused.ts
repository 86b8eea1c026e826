/**
 * A caller is refused, by a handler of the user: its status, words and headers go to the client as they are.
 */

/** What the SDK's `HTTPException` looks like, of whichever copy. */
interface HttpExceptionLike {
  readonly status: number;
  readonly headers: unknown;
  readonly message?: unknown;
}

export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';

  /**
   * @param status 400 to 599
   * @param headers of the answer, such as `www-authenticate`
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  static of({ status, headers, message }: HttpExceptionLike): AccessRefused {
    const isFailure = Number.isInteger(status) && status >= 400 && status < 600;
    const given: Record<string, string> =
      typeof headers === 'object' && headers !== null
        ? Object.fromEntries(new Headers(headers as Headers))
        : {};
    return new AccessRefused(
      isFailure ? status : 403,
      typeof message === 'string' ? message : 'Forbidden',
      given,
    );
  }

  get code(): 'UNAUTHENTICATED' | 'FORBIDDEN' {
    return this.status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  }
}

export function isHttpException(error: unknown): error is HttpExceptionLike {
  return (
    typeof error === 'object' &&
    error !== null &&
    'status' in error &&
    typeof error.status === 'number' &&
    'headers' in error
  );
}
