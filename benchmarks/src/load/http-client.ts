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
    return JSON.parse(await textOf(await this.#open(method, path, body))) as T;
  }

  /** Creates something and streams what comes of it. @param onFrame called for every event as it comes */
  postStream(path: string, body: unknown, onFrame: OnFrame): OpenStream {
    return this.#stream(this.#open('POST', path, body), onFrame);
  }

  /** Streams what there is, from its start. */
  getStream(path: string, onFrame: OnFrame): OpenStream {
    return this.#stream(this.#open('GET', path, undefined, { 'last-event-id': '-1' }), onFrame);
  }

  #stream(call: Promise<IncomingMessage>, onFrame: OnFrame): OpenStream {
    const ended = call.then((response) => {
      const frames = new SseFrames(onFrame);
      response.setEncoding('utf8').on('data', (text: string) => frames.push(text));
      return new Promise<void>((resolve, reject) => {
        response.once('end', resolve).once('error', reject);
      });
    });
    const opened = call.then(() => undefined);
    // Who awaits only one of them is told by that one.
    opened.catch(() => undefined);
    ended.catch(() => undefined);
    return { opened, ended };
  }

  /** Closes what is kept. */
  close(): void {
    this.#agent.destroy();
  }

  /** Resolves with the head of the answer; the body is still to come. */
  #open(
    method: string,
    path: string,
    body: unknown,
    extra: Readonly<Record<string, string>> = {},
    again = true,
  ): Promise<IncomingMessage> {
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
          this.#open(method, path, body, extra, false).then(resolve, reject);
        else reject(error);
      });
    });
    call.end(text);
    return answered;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const piece of response) text += piece as string;
  return text;
}
