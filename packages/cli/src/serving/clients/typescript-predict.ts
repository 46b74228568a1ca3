/** The part of a generated module that types calls in process. */
import type { ClientModel } from './client-model.js';
import { signatureChoice } from './typescript-signatures.js';

export const predictImports = `import type { ModelServer, PredictRequest, PredictResponse } from '@serving/core';
import type { TfjsTensor } from '@serving/core/tensor';
import type { StringArray, Tensor, TensorDataMap, TensorDataType } from '@serving/core/tensor';
`;

/** Types of `server.predict` for the model. */
export function predictTypes({ signatures }: ClientModel): string {
  const { parameter, member } = signatureChoice(signatures);
  return `
type NumericData<D extends TensorDataType> = Exclude<TensorDataMap[D], StringArray>;
type PredictInput<Type> = Type extends TensorType<infer D extends TensorDataType, infer Shape>
  ?
      | (D extends 'complex64' | 'complex128' ? never : Nested<Scalar<D>, Shape>)
      | { readonly shape: readonly number[]; readonly data: NumericData<D> }
      | (Shape extends readonly [number] | null ? NumericData<D> : never)
      | Tensor<D>
      | TfjsTensor
  : never;
type PredictOutput<Type> = Type extends TensorType<infer D extends TensorDataType, infer Shape>
  ? Tensor<D> & { readonly shape: Shape extends readonly number[] ? { readonly [Axis in keyof Shape]: number } : readonly number[] }
  : never;
type PredictInputsOf<Inputs> = { readonly [Alias in keyof Inputs]: PredictInput<DefinedTensor<Inputs[Alias]>> };
type PredictOutputsOf<Outputs> = { readonly [Alias in keyof Outputs]: PredictOutput<Outputs[Alias]> };

/** What \`server.predict\` takes as inputs: nested arrays, typed arrays with a shape, tensors. */
export type PredictInputs<S extends keyof Signatures${parameter}> = PredictInputsOf<Signatures[S]['inputs']>;
/** The tensors that \`server.predict\` gives. */
export type PredictOutputs<S extends keyof Signatures${parameter}> = PredictOutputsOf<Signatures[S]['outputs']>;

export interface TypedPredictRequest<S extends keyof Signatures, O extends keyof Signatures[S]['outputs']>
  extends Omit<PredictRequest, 'model' | 'signatureName' | 'inputs' | 'outputFilter'> {
  ${member}
  readonly inputs: PredictInputs<S>;
  /** Outputs wanted; all when absent. */
  readonly outputFilter?: readonly O[];
}

export interface TypedPredictResponse<S extends keyof Signatures, O extends keyof Signatures[S]['outputs']>
  extends Omit<PredictResponse, 'outputs'> {
  readonly outputs: Pick<PredictOutputs<S>, O>;
}

export type TypedPredict = <
  S extends keyof Signatures${parameter},
  O extends keyof Signatures[S]['outputs'] = keyof Signatures[S]['outputs'],
>(
  request: TypedPredictRequest<S, O>,
) => Promise<TypedPredictResponse<S, O>>;
`;
}

/** \`typedPredict\`, which has to be in a module that runs. */
export function predictFunction({ name }: ClientModel): string {
  return `
/** \`server.predict\` for this model; \`model\` is the name by which the server has it. */
export function typedPredict(server: Pick<ModelServer, 'predict'>, model: string = ${JSON.stringify(name)}): TypedPredict {
  const predict = (request: object) => server.predict({ ...request, model } as PredictRequest);
  return predict as unknown as TypedPredict;
}
`;
}
