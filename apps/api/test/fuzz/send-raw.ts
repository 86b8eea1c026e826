/**
 * Sends a request as it is, right or wrong, and says what became of it within a deadline.
 */
import { Agent, request } from 'node:http';
import type { RawRequest } from './hostile-requests.js';

/** The head has to come within this time. */
const HEAD_MS = 10_000;
/** A stream is looked at for so long. */
const STREAM_MS = 300;
/** Of an answer nothing more is kept. */
const MOST_BYTES = 1_000_000;

export type RawAnswer =
  | { kind: 'answer'; status: number; headers: NodeJS.Dict<string | string[]>; text: string }
  /** No head came, or no end of what is no stream. */
  | { kind: 'hung' }
  /** The connection was cut before there was a head. */
  | { kind: 'cut'; reason: string }
  /** Our own client does not send such a thing. */
  | { kind: 'unsent' };

const agent = new Agent({ keepAlive: false });

/** @param url of the api */
export function sendRaw(url: string, { method, path, headers, payload }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let sending;
    try {
      sending = request(new URL(url), {
        agent,
        method,
        path,
        headers: {
          ...headers,
          ...(payload === undefined ? {} : { 'content-length': String(payload.length) }),
        },
      });
    } catch {
      resolve({ kind: 'unsent' });
      return;
    }
    const timer = setTimeout(() => settle({ kind: 'hung' }), HEAD_MS);
    let isStreaming = false;
    const settle = (answer: RawAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
      sending.destroy();
    };
    sending.on('error', (error) => settle({ kind: 'cut', reason: error.message }));
    sending.on('response', (response) => {
      let text = '';
      const done = (): void => {
        const { statusCode: status = 0, headers: given } = response;
        settle({ kind: 'answer', status, headers: given, text });
      };
      // Answers that may take as long as a run say so by having no length.
      isStreaming = response.statusCode === 200 && response.headers['content-length'] === undefined;
      if (isStreaming) setTimeout(done, STREAM_MS);
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < MOST_BYTES) text += part;
      });
      response.on('end', done);
      response.on('error', done);
    });
    sending.end(payload);
  });
}
