/** SignatureDefs → the neutral signatures that requests are checked against. */
import type {
  Signature,
  SignatureDef,
  SignatureDefMap,
  TensorInfo,
  TensorShapeFields,
  TensorSpec,
} from '@serving/core/extend';
import { dataTypeFromNumber, type PartialShape, type Tensor } from '@serving/core/tensor';
import { tensorFromProto } from '@serving/protos/tensor';

/**
 * Every signature of the meta graph, in its order.
 *
 * @param stateful names of signatures that change what later runs see, where the graph is known
 * @param unbatched names of signatures whose requests run one by one
 */
export function toSignatures(
  signatureDefs: SignatureDefMap,
  stateful?: ReadonlySet<string>,
  unbatched?: ReadonlySet<string>,
): ReadonlyMap<string, Signature> {
  return new Map(
    Array.from(signatureDefs, ([name, def]) => {
      const signature = toSignature(name, def, stateful?.has(name) ?? false);
      return [name, unbatched?.has(name) ? { ...signature, isBatched: false } : signature];
    }),
  );
}

/** The tensors that a run of a signature computes. */
export function fetchesOf({ outputs }: SignatureDef): string[] {
  return Array.from(outputs.values(), ({ name = '' }) => name);
}

function toSignature(name: string, def: SignatureDef, isStateful: boolean): Signature {
  return {
    name,
    methodName: def.methodName,
    inputs: toTensorSpecs(def.inputs),
    outputs: toTensorSpecs(def.outputs),
    defaults: toDefaults(def),
    ...(isStateful && { isStateful }),
  };
}

function toTensorSpecs(infos: ReadonlyMap<string, TensorInfo>): ReadonlyMap<string, TensorSpec> {
  return new Map(
    Array.from(infos, ([name, { dtype, tensorShape }]) => [
      name,
      { name, dtype: dataTypeFromNumber(dtype) ?? 'invalid', shape: toPartialShape(tensorShape) },
    ]),
  );
}

function toPartialShape(shape: TensorShapeFields | undefined): PartialShape {
  return shape === undefined || shape.unknownRank ? undefined : shape.dim.map(({ size }) => Number(size));
}

/** Ignores a default that cannot be decoded: the model serves, and a request that needs the default is rejected. */
function toDefaults(def: SignatureDef): ReadonlyMap<string, Tensor> {
  const defaults = new Map<string, Tensor>();
  for (const [alias, proto] of def.defaults) {
    try {
      defaults.set(alias, tensorFromProto(proto, alias));
    } catch {}
  }
  return defaults;
}
