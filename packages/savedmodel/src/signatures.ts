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
import type { RunEffectsOfGraph } from './graph/run-effects.js';

/**
 * Every signature of the meta graph, in its order.
 *
 * @param effects of its graph, where it is known.
 * @param unbatched names of signatures whose requests run one by one
 */
export function toSignatures(
  signatureDefs: SignatureDefMap,
  effects?: RunEffectsOfGraph,
  unbatched?: ReadonlySet<string>,
): ReadonlyMap<string, Signature> {
  return new Map(
    Array.from(signatureDefs, ([name, def]) => {
      const signature = toSignature(name, def, effects);
      return [name, unbatched?.has(name) ? { ...signature, isBatched: false } : signature];
    }),
  );
}

/** The tensors that a run of a signature computes. */
export function fetchesOf({ outputs }: SignatureDef): string[] {
  return Array.from(outputs.values(), ({ name = '' }) => name);
}

function toSignature(name: string, def: SignatureDef, effects: RunEffectsOfGraph | undefined): Signature {
  return {
    name,
    methodName: def.methodName,
    inputs: toTensorSpecs(def.inputs),
    outputs: toTensorSpecs(def.outputs),
    defaults: toDefaults(def),
    ...(effects?.of(fetchesOf(def)).changesState && { isStateful: true }),
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

/** A default that can't be decoded is none: the model serves, and a request that relies on it is told so. */
function toDefaults(def: SignatureDef): ReadonlyMap<string, Tensor> {
  const defaults = new Map<string, Tensor>();
  for (const [alias, proto] of def.defaults) {
    try {
      defaults.set(alias, tensorFromProto(proto, alias));
    } catch {}
  }
  return defaults;
}
