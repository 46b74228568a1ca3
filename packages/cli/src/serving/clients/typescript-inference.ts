/** The part of a generated module that calls the model over the Open Inference Protocol, with a client of either transport. */
import type { ClientModel } from './client-model.js';
import { signatureChoice } from './typescript-signatures.js';

/** Types of a client's `infer` for the model. */
export function inferenceTypes({ signatures }: ClientModel): string {
  const { parameter, member } = signatureChoice(signatures);
  return `
type InferTensor<Type> = Type extends TensorType<infer D extends TensorDataType, infer _Shape> ? Tensor<D> : never;
type InferInputsOf<Inputs> = { readonly [Alias in keyof Inputs]: InferTensor<DefinedTensor<Inputs[Alias]>> };

/** The tensors that a client of the Open Inference Protocol sends. */
export type InferInputs<S extends keyof Signatures${parameter}> = InferInputsOf<Signatures[S]['inputs']>;

export interface TypedInferRequest<S extends keyof Signatures, O extends keyof Signatures[S]['outputs']> {
  ${member}
  readonly inputs: InferInputs<S>;
  /** Outputs wanted; all when absent. */
  readonly outputs?: readonly O[];
  /** A version's digits, or a version label. Default: the latest version. */
  readonly version?: string;
  readonly id?: string;
  readonly timeoutMs?: number;
}

export interface TypedInferResponse<S extends keyof Signatures, O extends keyof Signatures[S]['outputs']> {
  readonly version: string | undefined;
  readonly id: string | undefined;
  readonly outputs: Pick<PredictOutputs<S>, O>;
}

export type TypedInfer = <
  S extends keyof Signatures${parameter},
  O extends keyof Signatures[S]['outputs'] = keyof Signatures[S]['outputs'],
>(
  request: TypedInferRequest<S, O>,
  options?: { readonly signal?: AbortSignal },
) => Promise<TypedInferResponse<S, O>>;

/** What is used of a client of \`@serving/open-inference/client\` or \`/client-grpc\`. */
export interface InferringClient {
  infer(
    request: { readonly model: string; readonly inputs: Readonly<Record<string, Tensor>> },
    options?: { readonly signal?: AbortSignal },
  ): Promise<object>;
}
`;
}

/** \`typedInfer\`, which has to be in a module that runs. */
export function inferenceFunction({ name }: ClientModel): string {
  return `
/** \`client.infer\` for this model; \`model\` is the name by which the server has it. */
export function typedInfer(client: InferringClient, model: string = ${JSON.stringify(name)}): TypedInfer {
  const infer = (request: { readonly inputs: object }, options?: { readonly signal?: AbortSignal }) =>
    client.infer({ ...request, model } as { model: string; inputs: Record<string, Tensor> }, options);
  return infer as unknown as TypedInfer;
}
`;
}
