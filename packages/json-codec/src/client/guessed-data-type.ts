/** The data type of an output of a response without a signature. */
import type { TensorDataType } from '@serving/core/tensor';
import { numberValue } from '../json/json-number.js';
import { ARRAY, DOUBLE, FALSE, INTEGER, type JsonTape, OBJECT, STRING, TRUE } from '../json/json-tape.js';

/**
 * The data type that loses nothing of the values at the nodes: `string` for strings and base64 objects, `bool`, `double`
 * where one number has a fraction or an exponent (float32 values among them), `int64`, `uint64` where one integer is
 * beyond int64; `float` without values.
 */
export function guessedDataType(tape: JsonTape, nodes: readonly number[]): TensorDataType {
  const found = new Set<TensorDataType>();
  for (const root of nodes) {
    const end = tape.next(root);
    for (let node = root; node < end; node = tape.kind(node) === ARRAY ? node + 1 : tape.next(node)) {
      const dtype = leafType(tape, node);
      if (dtype !== undefined) found.add(dtype);
    }
  }
  return ORDER.find((dtype) => found.has(dtype)) ?? 'float';
}

/** The first that was found decides. */
const ORDER: readonly TensorDataType[] = ['string', 'bool', 'double', 'uint64', 'int64'];

function leafType(tape: JsonTape, node: number): TensorDataType | undefined {
  switch (tape.kind(node)) {
    case STRING:
    case OBJECT:
      return 'string';
    case TRUE:
    case FALSE:
      return 'bool';
    case DOUBLE:
      return 'double';
    case INTEGER:
      // The rounded value is the same for 2⁶³ and for a little less.
      return numberValue(tape, node) >= 2 ** 63 && BigInt(tape.token(node)) >= 2n ** 63n ? 'uint64' : 'int64';
    default:
      return undefined;
  }
}
