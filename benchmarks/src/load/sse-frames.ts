/**
 * Takes a stream of server-sent events apart as cheaply as it can be done: what measures must not be what limits.
 */

/** Called for every event: its name, its data (one line), its id. Comments are left out. */
export type OnFrame = (event: string, data: string, id: string) => void;

export class SseFrames {
  #rest = '';
  #event = '';
  #data = '';
  #id = '';

  constructor(private readonly onFrame: OnFrame) {}

  /** The next piece of the stream, cut anywhere. */
  push(piece: string): void {
    const text = this.#rest === '' ? piece : this.#rest + piece;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const last = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      this.#line(text, start, last);
      start = end + 1;
    }
    this.#rest = start === 0 ? text : text.slice(start);
  }

  #line(text: string, start: number, end: number): void {
    if (start === end) {
      if (this.#event !== '') this.onFrame(this.#event, this.#data, this.#id);
      this.#event = '';
      this.#data = '';
      this.#id = '';
    } else if (text.startsWith('event: ', start)) this.#event = text.slice(start + 7, end);
    else if (text.startsWith('data: ', start)) this.#data = text.slice(start + 6, end);
    else if (text.startsWith('id: ', start)) this.#id = text.slice(start + 4, end);
  }
}
