import { describe, expect, it } from '@jest/globals';
import { toTraceparent, traceIdOf } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a trace context that comes from a client', () => {
  it.each(['00', '01'])('is passed on with its sampling flag %s', (flags) => {
    expect(toTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toBe(`00-${TRACE}-${SPAN}-${flags}`);
  });

  it('is passed on in the version that is understood, without flags that are not', () => {
    expect(toTraceparent(`cc-${TRACE}-${SPAN}-ff-what-the-future-will-be-like`)).toBe(
      `00-${TRACE}-${SPAN}-01`,
    );
  });

  it.each([
    ['missing', undefined],
    ['sent twice', [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ['empty', ''],
    ['of no version', `ff-${TRACE}-${SPAN}-01`],
    ['of a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['too long for its version', `00-${TRACE}-${SPAN}-01-more`],
    ['too short', `00-${TRACE}-${SPAN}`],
    ['with something in front', ` 00-${TRACE}-${SPAN}-01`],
    ['with a line behind it', `00-${TRACE}-${SPAN}-01\n`],
  ])('is none when it is %s', (_what, text) => {
    expect(toTraceparent(text)).toBeNull();
  });

  it('tells its trace', () => {
    expect([traceIdOf(`00-${TRACE}-${SPAN}-00`), traceIdOf('nonsense'), traceIdOf(null)]).toEqual([
      TRACE,
      undefined,
      undefined,
    ]);
  });
});
