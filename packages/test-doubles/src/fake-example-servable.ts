/** A servable of examples whose answers a test chooses, and what runs it. */

import { type Caller, InferenceCall } from '../../core/src/inference/inference-call.js';
import { predictionServiceOf } from '../../core/src/inference/prediction-service.js';
import type { ExampleInput } from '../../core/src/messages/example.js';
import type { ExampleSupport } from '../../core/src/servable/example-support.js';
import type { InferenceServable, RunOptions } from '../../core/src/servable/inference-servable.js';
import type { ServableHandle } from '../../core/src/servable/servable-handle.js';
import type { Signature } from '../../core/src/servable/signature.js';
import type { DataType } from '../../core/src/tensor/data-type.js';
import { createTensor, type NamedTensors } from '../../core/src/tensor/tensor.js';
import { signature } from './fake-platform.js';

/** Its one signature is `serving_default`; `inputs` gets the number of features of each example. */
export class FakeExampleServable implements InferenceServable {
  readonly signatures: ReadonlyMap<string, Signature>;
  readonly runs: { readonly inputs: NamedTensors; readonly options: RunOptions | undefined }[] = [];
  answer: NamedTensors;
  runError: Error | undefined;
  examples?: ExampleSupport = {
    encode: ({ examples }) =>
      createTensor(
        'int32',
        [examples.length],
        Int32Array.from(examples, (example) => example.size),
      ),
  };

  constructor(outputs: Readonly<Record<string, DataType>>, answer: NamedTensors = {}) {
    this.signatures = new Map([['serving_default', signature('serving_default', { inputs: 'int32' }, outputs)]]);
    this.answer = answer;
  }

  /** Whether a run is over when it returns. */
  isInline = false;

  run(_: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors> {
    this.runs.push({ inputs, options });
    if (this.isInline) return this.answer;
    return this.#later();
  }

  async #later(): Promise<NamedTensors> {
    if (this.runError) throw this.runError;
    return this.answer;
  }
}

/** Counts what is given back. */
export function fakeHandle(servable: InferenceServable): ServableHandle<InferenceServable> & { releases: number } {
  return {
    id: { name: 'm', version: 3 },
    servable,
    releases: 0,
    release() {
      this.releases++;
    },
    [Symbol.dispose]() {
      this.release();
    },
  };
}

/** A request to the servable. */
export function fakeCall(servable: InferenceServable, caller?: Caller): InferenceCall {
  const service = predictionServiceOf({ getServableHandle: () => fakeHandle(servable) });
  return InferenceCall.begin(service, { model: 'm' }, caller);
}

/** This many examples without features. */
export function emptyExamples(count: number): ExampleInput {
  return { examples: Array.from({ length: count }, () => new Map()) };
}
