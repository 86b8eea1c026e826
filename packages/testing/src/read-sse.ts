/**
 * Reads a stream of server-sent events as it is on the wire, comments included: no client library in between that
 * would hide something.
 */

/** One event, or one comment. */
export interface SseEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
  /** Set for a comment line, which is nothing else. */
  readonly comment?: string;
  /** Milliseconds that the server asked to wait before a new connection. */
  readonly retry?: number;
}

/** How to ask for a stream. */
export interface ReadSseOptions {
  readonly lastEventId?: string | number;
  readonly signal?: AbortSignal;
  /** Sent with POST, as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told the response before the first event. */
  readonly onResponse?: (response: Response) => void;
}

/**
 * Yields events and comments until the server closes the stream. Stopping the iteration closes the connection.
 *
 * @throws Error when the answer is not a stream, with its status and body; the fetch error when the connection breaks
 */
export async function* readSse(
  url: string,
  options: ReadSseOptions = {},
): AsyncGenerator<SseEvent, void, void> {
  const { lastEventId, signal, body, headers } = options;
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'text/event-stream',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  options.onResponse?.(response);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!response.ok || !isStream || response.body === null) {
    throw new Error(`${url} answered ${String(response.status)}: ${await response.text()}`);
  }
  let rest = '';
  let fields: SseEvent | undefined;
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith(':')) {
        yield { id: undefined, event: '', data: '', comment: line.slice(1).trim() };
      } else if (line !== '') {
        fields = withLine(fields ?? { id: undefined, event: 'message', data: '' }, line);
      } else if (fields !== undefined) {
        yield fields;
        fields = undefined;
      }
    }
  }
}

function withLine(event: SseEvent, line: string): SseEvent {
  const colon = line.indexOf(':');
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'id') return { ...event, id: value };
  if (name === 'event') return { ...event, event: value };
  if (name === 'retry') return { ...event, retry: Number(value) };
  if (name === 'data') return { ...event, data: event.data === '' ? value : `${event.data}\n${value}` };
  return event;
}
