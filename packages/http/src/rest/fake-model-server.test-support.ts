/** A model server with one arithmetic model, as plain objects. */
import { ServingError } from '@serving/core';
import type { InferenceServable, RunOptions, Signature, TensorSpec } from '@serving/core/extend';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import type { RestModelServer } from './rest-model-server.js';

export interface FakeModelServer extends RestModelServer {
  /** Handles taken and not yet released. */
  readonly held: () => number;
  /** Options of the latest run. */
  readonly lastOptions: () => RunOptions | undefined;
}

export interface FakeModelServerOptions {
  /** Called in the middle of every run. */
  readonly duringRun?: (options: RunOptions | undefined) => Promise<void> | void;
  /** Instead of {@link halfPlusTwo}. */
  readonly servable?: InferenceServable;
  /** Every run is answered at once. */
  readonly cheap?: boolean;
}

/** y = x / 2 + 2; signature `empty` has no inputs. */
export function halfPlusTwo(duringRun?: FakeModelServerOptions['duringRun'], cheap = false): InferenceServable {
  return {
    signatures: new Map([
      ['serving_default', signature('serving_default', ['x'])],
      ['empty', signature('empty', [])],
    ]),
    run(_signature, inputs, options) {
      if (cheap) return halves(inputs);
      return (async () => {
        await duringRun?.(options);
        return halves(inputs);
      })();
    },
  };
}

function halves(inputs: NamedTensors): NamedTensors {
  const { shape, data } = inputs.x!;
  const outputs: NamedTensors = Object.create(null);
  outputs.y = createTensor(
    'float',
    shape,
    (data as Float32Array).map((x) => x / 2 + 2),
  );
  return outputs;
}

/** Model `half` in version 4 with label `stable`. Version 3 failed to load. */
export function fakeModelServer({ duringRun, cheap, servable: given }: FakeModelServerOptions = {}): FakeModelServer {
  let held = 0;
  let lastOptions: RunOptions | undefined;
  const usual = halfPlusTwo((options) => {
    lastOptions = options;
    return duringRun?.(options);
  }, cheap);
  const servable = given ?? usual;
  const resolveVersion: RestModelServer['getServableHandle'] = ({ model, version, label }) => {
    if (label !== undefined && (model !== 'half' || label !== 'stable')) {
      throw new ServingError('INVALID_ARGUMENT', `Unrecognized servable version label: ${label}`);
    }
    if (model !== 'half' || (version ?? 4) !== 4) {
      const wanted = version === undefined ? `Latest(${model})` : `Specific(${model}, ${version})`;
      throw new ServingError('NOT_FOUND', `Servable not found for request: ${wanted}`);
    }
    held++;
    let released = false;
    const release = (): void => {
      if (!released) held--;
      released = true;
    };
    return { id: { name: model, version: 4 }, servable, release, [Symbol.dispose]: release };
  };
  return {
    held: () => held,
    lastOptions: () => lastOptions,
    getServableHandle: resolveVersion,
    getModelStatus({ model, version }) {
      if (model !== 'half') throw new ServingError('NOT_FOUND', `Could not find any versions of model ${model}`);
      const failed = { errorCode: 'DATA_LOSS', errorMessage: 'Bad <file> "a"\n\u007f\u2028é' } as const;
      const versions = [
        { version: 4, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
        { version: 3, state: 'END', status: failed },
      ] as const;
      const asked = versions.filter((status) => version === undefined || status.version === version);
      if (asked.length > 0) return asked;
      throw new ServingError('NOT_FOUND', `Could not find version ${version} of model ${model}`);
    },
    getModelMetadata(spec) {
      const handle = resolveVersion(spec);
      handle.release();
      const signatureDef = new Map([
        ['s', { inputs: new Map(), outputs: new Map(), methodName: 'tensorflow/serving/predict', defaults: new Map() }],
      ]);
      return { model: handle.id.name, version: handle.id.version, signatureDef };
    },
  };
}

function signature(name: string, inputs: readonly string[]): Signature {
  const specs = (names: readonly string[]): ReadonlyMap<string, TensorSpec> =>
    new Map(names.map((alias) => [alias, { name: alias, dtype: 'float', shape: [-1] }]));
  return {
    name,
    methodName: 'tensorflow/serving/predict',
    inputs: specs(inputs),
    outputs: specs(['y']),
    defaults: new Map(),
  };
}
