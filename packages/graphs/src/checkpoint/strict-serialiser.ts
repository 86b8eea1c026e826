/**
 * LangGraph's serialiser, but a value that it cannot serialise is an error: it would store a remark in its place, and
 * a run that is rescued would go on with the remark.
 */
import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';

const REMARK = '[unable to serialize, circular reference is too complex to analyze]';
/** Length of the remark in JSON, in bytes: only a value of this length is looked at. */
const REMARK_BYTES = Buffer.byteLength(JSON.stringify(REMARK));

/**
 * `serialiser` made strict.
 *
 * @throws TypeError from `dumpsTyped` for a value that cannot be stored
 */
export function strict(serialiser: SerializerProtocol): SerializerProtocol {
  return {
    async dumpsTyped(value) {
      const dumped = await serialiser.dumpsTyped(value);
      const [, data] = dumped;
      if (
        data.length === REMARK_BYTES &&
        value !== REMARK &&
        Buffer.from(data).toString() === JSON.stringify(REMARK)
      ) {
        throw new TypeError(
          'A value of the state cannot be stored as JSON, for example a BigInt. Keep only JSON values, messages, ' +
            'Map, Set, RegExp, Error and Uint8Array in the state.',
        );
      }
      return dumped;
    },
    loadsTyped: (type, data) => serialiser.loadsTyped(type, data),
  };
}
