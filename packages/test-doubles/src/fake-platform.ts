/** A platform whose loads and runs a test decides. */

import type { LoadContext, Loader } from '../../core/src/loader/loader.js';
import type { Platform } from '../../core/src/loader/platform.js';
import { platformFromLoader } from '../../core/src/loader/platform-from-loader.js';
import type { InferenceServable, RunOptions } from '../../core/src/servable/inference-servable.js';
import { formatServableId, type ServableId } from '../../core/src/servable/servable-id.js';
import { PREDICT_METHOD_NAME, type Signature, type TensorSpec } from '../../core/src/servable/signature.js';
import { ServingError } from '../../core/src/serving-error.js';
import type { DataType } from '../../core/src/tensor/data-type.js';
import { createTensor, type NamedTensors, type Tensor } from '../../core/src/tensor/tensor.js';

function specs(types: Readonly<Record<string, DataType>>): ReadonlyMap<string, TensorSpec> {
  return new Map(Object.entries(types).map(([name, dtype]) => [name, { name, dtype, shape: undefined }]));
}

export function signature(
  name: string,
  inputs: Readonly<Record<string, DataType>>,
  outputs: Readonly<Record<string, DataType>>,
  defaults: Readonly<Record<string, Tensor>> = {},
): Signature {
  return {
    name,
    methodName: PREDICT_METHOD_NAME,
    inputs: specs(inputs),
    outputs: specs(outputs),
    defaults: new Map(Object.entries(defaults)),
  };
}

/** Adds its version number to `x`, and refuses to run once it is unloaded. */
export class FakeServable implements InferenceServable {
  readonly id: ServableId;
  isLoaded = true;
  readonly signatures: ReadonlyMap<string, Signature> = new Map([
    ['serving_default', signature('serving_default', { x: 'float' }, { y: 'float', version: 'int32' })],
    [
      'offset',
      signature(
        'offset',
        { x: 'float', by: 'float' },
        { y: 'float' },
        { by: createTensor('float', [], new Float32Array([100])) },
      ),
    ],
  ]);

  constructor(id: ServableId) {
    this.id = id;
  }

  async run(asked: Signature, inputs: NamedTensors, options: RunOptions = {}): Promise<NamedTensors> {
    if (!this.isLoaded) throw new ServingError('INTERNAL', `${formatServableId(this.id)} ran after its unload`);
    const x = inputs.x as Tensor<'float'>;
    const by = (inputs.by as Tensor<'float'> | undefined)?.data[0] ?? Number(this.id.version);
    const outputs: NamedTensors = Object.create(null);
    const wanted = options.outputs?.length ? options.outputs : [...asked.outputs.keys()];
    if (wanted.includes('y'))
      outputs.y = createTensor(
        'float',
        x.shape,
        x.data.map((value) => value + by),
      );
    if (wanted.includes('version'))
      outputs.version = createTensor('int32', [], new Int32Array([Number(this.id.version)]));
    return outputs;
  }
}

/** Counts what happens to it; each step can be made to fail or to wait. */
export class FakeLoader implements Loader {
  readonly id: ServableId;
  readonly servable: FakeServable;
  loads = 0;
  unloads = 0;
  isLoaded = false;
  ramBytes = 1;
  /** Called by each load, with the number of the attempt from 1; throws or waits. */
  onLoad: (attempt: number, context: LoadContext) => Promise<void> | void = () => {};
  onUnload: () => Promise<void> | void = () => {};
  onEstimate: () => Promise<void> | void = () => {};

  constructor(id: ServableId) {
    this.id = id;
    this.servable = new FakeServable(id);
  }

  async estimateResources(): Promise<{ ramBytes: number }> {
    await this.onEstimate();
    return { ramBytes: this.ramBytes };
  }

  async load(context: LoadContext): Promise<void> {
    this.loads += 1;
    if (this.isLoaded) throw new ServingError('INTERNAL', `${formatServableId(this.id)} was loaded twice`);
    await this.onLoad(this.loads, context);
    this.isLoaded = true;
  }

  getServable(): FakeServable {
    return this.servable;
  }

  async unload(): Promise<void> {
    this.unloads += 1;
    await this.onUnload();
    this.isLoaded = false;
    this.servable.isLoaded = false;
  }
}

/** `prepare` sees each loader before the manager does. */
export function fakePlatform(prepare: (loader: FakeLoader, path: string) => void = () => {}): Platform {
  return platformFromLoader((path, id) => {
    const loader = new FakeLoader(id);
    prepare(loader, path);
    return loader;
  });
}
