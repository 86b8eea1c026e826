/**
 * The client of the load: `node:http` with connections that are kept. Cheaper than fetch, and far cheaper than an SDK.
 */
import { Agent, request, type IncomingMessage } from 'node:http';
import { SseFrames, type OnFrame } from './sse-frames.js';

/** An open stream. */
export interface OpenStream {
  /** Resolves with the head of the answer, before the first event. */
  readonly opened: Promise<void>;
  /** Resolves when the server has closed it. @throws Error when it breaks, or is refused */
  readonly ended: Promise<void>;
  close(): void;
}

interface Call {
  /** The head of the answer; a body is still to come. */
  readonly response: Promise<IncomingMessage>;
  readonly abort: () => void;
}

export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1_024 });
  readonly #host: string;
  readonly #port: number;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** @throws Error for anything but a 2xx, with the body */
  async json<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    return JSON.parse(await textOf(await this.#open(method, path, body).response)) as T;
  }

  /** Creates something and streams what comes of it. @param onFrame called for every event as it comes */
  postStream(path: string, body: unknown, onFrame: OnFrame): OpenStream {
    return this.#stream(this.#open('POST', path, body), onFrame);
  }

  /** Streams what there is, from its start. */
  getStream(path: string, onFrame: OnFrame): OpenStream {
    return this.#stream(this.#open('GET', path, undefined, { 'last-event-id': '-1' }), onFrame);
  }

  #stream(call: Call, onFrame: OnFrame): OpenStream {
    const ended = call.response.then((response) => {
      const frames = new SseFrames(onFrame);
      response.setEncoding('utf8').on('data', (text: string) => frames.push(text));
      return new Promise<void>((resolve, reject) => {
        response.once('end', resolve).once('error', reject);
      });
    });
    const opened = call.response.then(() => undefined);
    // Who awaits only one of them is told by that one.
    opened.catch(() => undefined);
    ended.catch(() => undefined);
    return { opened, ended, close: call.abort };
  }

  /** Closes what is kept. */
  close(): void {
    this.#agent.destroy();
  }

  #open(
    method: string,
    path: string,
    body: unknown,
    extra: Readonly<Record<string, string>> = {},
    again = true,
  ): Call {
    const text = body === undefined ? '' : JSON.stringify(body);
    const content =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const headers = { ...extra, ...content };
    const call = request({ agent: this.#agent, host: this.#host, port: this.#port, method, path, headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', (response) => {
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve(response);
        else
          void textOf(response).then((said) => {
            reject(new Error(`${method} ${path} answered ${String(statusCode)}: ${said.slice(0, 300)}`));
          }, reject);
      });
      call.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a kept connection just as it was used again.
        if (again && call.reusedSocket && error.code === 'ECONNRESET')
          this.#open(method, path, body, extra, false).response.then(resolve, reject);
        else reject(error);
      });
    });
    call.end(text);
    return { response: answered, abort: () => call.destroy() };
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const piece of response) text += piece as string;
  return text;
}
