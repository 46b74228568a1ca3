/** A model that is a plain function. */
import { ServingError, type TensorLike } from '@serving/core';
import {
  DEFAULT_SIGNATURE_NAME,
  type InferenceServable,
  PREDICT_METHOD_NAME,
  type RunOptions,
  type Signature,
  type TensorSpec,
} from '@serving/core/extend';
import { type NamedTensors, type PartialShape, type Tensor, type TensorDataType, toTensor } from '@serving/core/tensor';

/** An input or output: its data type, or that and its declared shape. The shape's default is unknown. */
export type FakeTensorSpec = TensorDataType | { readonly dtype: TensorDataType; readonly shape: PartialShape };

/** Inputs or outputs by name. */
export type FakeTensorSpecs = Readonly<Record<string, FakeTensorSpec>>;

/** What the function is given: a tensor of the input's data type by the name of each input. */
export type FakeInputs<I extends FakeTensorSpecs> = {
  readonly [K in keyof I]: Tensor<Extract<I[K] extends { readonly dtype: infer D } ? D : I[K], TensorDataType>>;
};

/** What the function answers: nested arrays, typed arrays with a shape, or tensors, for each output. */
export type FakeOutputs<O extends FakeTensorSpecs> = { readonly [K in keyof O]: TensorLike };

/** A signature and what it computes. */
export interface FakeSignature<
  I extends FakeTensorSpecs = FakeTensorSpecs,
  O extends FakeTensorSpecs = FakeTensorSpecs,
> {
  readonly inputs: I;
  readonly outputs: O;
  /** What it throws, or rejects with, is the run's error: a `ServingError` as it is, anything else as `UNKNOWN`. */
  readonly run: (inputs: FakeInputs<I>, options: RunOptions) => FakeOutputs<O> | Promise<FakeOutputs<O>>;
}

/** One run, for the assertions of a test. */
export interface FakeCall {
  readonly signature: string;
  readonly inputs: NamedTensors;
  readonly options: RunOptions;
}

/** An `InferenceServable` that records its calls. */
export interface FakeServable extends InferenceServable {
  /** The runs begun so far, oldest first. */
  readonly calls: readonly FakeCall[];
  /** Adds a signature, before the servable is served, and returns the servable. */
  withSignature<const I extends FakeTensorSpecs, const O extends FakeTensorSpecs>(
    name: string,
    signature: FakeSignature<I, O>,
  ): this;
}

/**
 * A servable with the signature `serving_default`, to be served in process, over REST, gRPC and in batches like any other.
 *
 * @example
 * ```ts
 * const halfPlusTwo = fakeServable({
 *   inputs: { x: 'float' },
 *   outputs: { y: 'float' },
 *   run: ({ x }) => ({ y: { shape: x.shape, data: x.data.map((value) => value / 2 + 2) } }),
 * });
 * ```
 */
export function fakeServable<const I extends FakeTensorSpecs, const O extends FakeTensorSpecs>(
  signature: FakeSignature<I, O>,
): FakeServable {
  return new FunctionServable().withSignature(DEFAULT_SIGNATURE_NAME, signature);
}

type AnyRun = FakeSignature['run'];

class FunctionServable implements FakeServable {
  readonly signatures = new Map<string, Signature>();
  readonly calls: FakeCall[] = [];
  readonly #runs = new Map<string, AnyRun>();

  withSignature<I extends FakeTensorSpecs, O extends FakeTensorSpecs>(
    name: string,
    { inputs, outputs, run }: FakeSignature<I, O>,
  ): this {
    this.signatures.set(name, {
      name,
      methodName: PREDICT_METHOD_NAME,
      inputs: toSpecs(inputs),
      outputs: toSpecs(outputs),
      defaults: new Map(),
    });
    // Requests are checked against the signature before they are run, so that the inputs are of these types.
    this.#runs.set(name, run as unknown as AnyRun);
    return this;
  }

  async run(signature: Signature, inputs: NamedTensors, options: RunOptions = {}): Promise<NamedTensors> {
    const { name, outputs: specs } = signature;
    this.calls.push({ signature: name, inputs, options });
    const outputs = await this.#runs.get(name)!(inputs, options);
    const wanted = options.outputs?.length ? options.outputs : [...specs.keys()];
    const tensors = Object.create(null) as NamedTensors;
    for (const alias of wanted) {
      const value = outputs[alias];
      if (value === undefined) {
        throw new ServingError('INTERNAL', `The fake servable's signature "${name}" gave no output "${alias}"`);
      }
      tensors[alias] = toTensor(value, specs.get(alias)!, `outputs.${alias}`);
    }
    return tensors;
  }
}

function toSpecs(specs: FakeTensorSpecs): ReadonlyMap<string, TensorSpec> {
  return new Map(
    Object.entries(specs).map(([name, spec]) => [
      name,
      typeof spec === 'string' ? { name, dtype: spec, shape: undefined } : { name, ...spec },
    ]),
  );
}
