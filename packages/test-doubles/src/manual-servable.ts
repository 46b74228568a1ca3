/** A servable whose runs a test sees and ends by hand. */
import type { SlotsView } from '../../core/src/scheduling/fair-slots.js';
import type { InferenceServable, RunOptions } from '../../core/src/servable/inference-servable.js';
import { PREDICT_METHOD_NAME, type Signature } from '../../core/src/servable/signature.js';
import type { ServingError } from '../../core/src/serving-error.js';
import { createTensor, type NamedTensors, type Tensor } from '../../core/src/tensor/tensor.js';

/** A run that has begun. */
export interface ManualRun {
  readonly signature: string;
  readonly inputs: NamedTensors;
  readonly options: RunOptions | undefined;
  /** Ends with what `compute` makes of the inputs, or with these outputs. */
  succeed(outputs?: NamedTensors): void;
  fail(error: ServingError | Error): void;
}

/** Signatures `double` and `other` with inputs `x` and `y`; the output `z` is twice `x`. */
export class ManualServable implements InferenceServable {
  readonly signatures: ReadonlyMap<string, Signature> = new Map(
    ['double', 'other'].map((name) => [name, fakeSignature(name, ['x'])]),
  );
  /** Runs that have begun and not ended, oldest first. */
  readonly runs: ManualRun[] = [];
  runCount = 0;
  slots: SlotsView | undefined;
  compute: (inputs: NamedTensors) => NamedTensors = ({ x }) => named({ z: doubled(x!) });

  run(signature: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors> {
    this.runCount++;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.runs.splice(this.runs.indexOf(run), 1);
      };
      const run: ManualRun = {
        signature: signature.name,
        inputs,
        options,
        succeed: (outputs = this.compute(inputs)) => {
          end();
          resolve(outputs);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      this.runs.push(run);
    });
  }
}

/** The same, whose runs are over when they return. */
export class ManualInlineServable extends ManualServable {
  /** Whether they are not, after all. */
  isThreaded = false;
  onRun: (rows: number) => void = () => {};

  override run(signature: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors> {
    if (this.isThreaded) return super.run(signature, inputs, options);
    this.runCount++;
    this.onRun(inputs.x!.shape[0]!);
    return this.compute(inputs);
  }
}

export function fakeSignature(name: string, inputs: readonly string[]): Signature {
  const spec = (alias: string) => [alias, { name: alias, dtype: 'float', shape: [-1] }] as const;
  return {
    name,
    methodName: PREDICT_METHOD_NAME,
    inputs: new Map(inputs.map(spec)),
    outputs: new Map(['z', 'w'].map(spec)),
    defaults: new Map(),
  };
}

export function named(tensors: Readonly<Record<string, Tensor>>): NamedTensors {
  return Object.assign(Object.create(null), tensors);
}

/** `x`: rows of floats. */
export function floats(values: readonly number[], ...rowShape: readonly number[]): Tensor<'float'> {
  const length = rowShape.reduce((product, size) => product * size, 1);
  return createTensor('float', [length === 0 ? 0 : values.length / length, ...rowShape], new Float32Array(values));
}

function doubled(x: Tensor): Tensor {
  return { ...x, data: (x.data as Float32Array).map((value) => 2 * value) } as Tensor;
}
