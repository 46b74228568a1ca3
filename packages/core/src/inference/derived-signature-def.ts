/** SignatureDefs for a servable that has none of its own: made from its signatures, tensors named as their aliases. */

import type { SignatureDefMap, TensorInfo } from '../messages/signature-def.js';
import type { Signature, TensorSpec } from '../servable/signature.js';
import { dataTypeInfo } from '../tensor/data-type.js';

/** Defaults are left out: they are stored values, and a servable without SignatureDefs stores none. */
export function deriveSignatureDefs(signatures: ReadonlyMap<string, Signature>): SignatureDefMap {
  return new Map(
    [...signatures].map(([name, { inputs, outputs, methodName }]) => [
      name,
      { inputs: tensorInfos(inputs), outputs: tensorInfos(outputs), methodName, defaults: new Map() },
    ]),
  );
}

function tensorInfos(specs: ReadonlyMap<string, TensorSpec>): ReadonlyMap<string, TensorInfo> {
  return new Map(
    [...specs].map(([alias, { dtype, shape }]) => [
      alias,
      {
        name: alias,
        dtype: dataTypeInfo(dtype).number,
        tensorShape: {
          dim: (shape ?? []).map((size) => ({ size: BigInt(size), name: '' })),
          unknownRank: shape === undefined,
        },
      },
    ]),
  );
}
