import { describe, expect, it } from '@jest/globals';
import { SseFrames } from './sse-frames.js';

const STREAM =
  ': heartbeat\r\n\r\nevent: metadata\r\ndata: {"run_id":"a"}\r\nid: 0\r\n\r\nevent: custom\ndata: {"x":"é: "}\nid: 1\n\n';

function read(pieces: readonly string[]): string[][] {
  const frames: string[][] = [];
  const parser = new SseFrames((...frame) => frames.push(frame));
  for (const piece of pieces) parser.push(piece);
  return frames;
}

describe('frames of a stream', () => {
  const expected = [
    ['metadata', '{"run_id":"a"}', '0'],
    ['custom', '{"x":"é: "}', '1'],
  ];

  it('are told with their data and id, without comments, for both ends of lines', () => {
    expect(read([STREAM])).toEqual(expected);
  });

  it('are the same wherever the stream is cut', () => {
    expect(read([...STREAM])).toEqual(expected);
    for (let cut = 1; cut < STREAM.length; cut += 1) {
      expect(read([STREAM.slice(0, cut), STREAM.slice(cut)])).toEqual(expected);
    }
  });
});
