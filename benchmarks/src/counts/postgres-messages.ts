/**
 * Takes the wire of Postgres (protocol 3, unencrypted) apart into messages.
 */

/** A message: its type as a letter, `startup` for the first one of a client, and what follows the length. */
export type OnMessage = (type: string, body: Buffer) => void;

const HEAD_BYTES = 5;
const LENGTH_BYTES = 4;

export class PostgresMessages {
  #rest: Buffer = Buffer.alloc(0);
  #isStartup: boolean;

  /** @param side whose messages these are: a client's first one has no type */
  constructor(
    side: 'client' | 'server',
    private readonly onMessage: OnMessage,
  ) {
    this.#isStartup = side === 'client';
  }

  /** The next piece, cut anywhere. */
  push(piece: Buffer): void {
    let buffer = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    for (;;) {
      const head = this.#isStartup ? LENGTH_BYTES : HEAD_BYTES;
      if (buffer.length < head) break;
      // The length counts itself, and not the type before it.
      const end = head - LENGTH_BYTES + buffer.readInt32BE(head - LENGTH_BYTES);
      if (buffer.length < end) break;
      const type = this.#isStartup ? 'startup' : String.fromCharCode(buffer[0] ?? 0);
      this.#isStartup = false;
      this.onMessage(type, buffer.subarray(head, end));
      buffer = buffer.subarray(end);
    }
    this.#rest = buffer;
  }
}

/** The texts, each ended by a zero byte, that a message begins with. */
export function textsOf(body: Buffer, count: number): string[] {
  const texts: string[] = [];
  let start = 0;
  while (texts.length < count) {
    const end = body.indexOf(0, start);
    if (end < 0) break;
    texts.push(body.toString('utf8', start, end));
    start = end + 1;
  }
  return texts;
}

/** The parameters of a startup message. */
export function startupParameters(body: Buffer): Map<string, string> {
  const texts = textsOf(body.subarray(4), Infinity);
  const parameters = new Map<string, string>();
  for (let index = 0; index + 1 < texts.length; index += 2) {
    parameters.set(texts[index] ?? '', texts[index + 1] ?? '');
  }
  return parameters;
}
