/** A real model server with a model in memory: y = 2x; NaN fails. */
import { ModelServer, type ModelServerOptions, ServingError } from '@serving/core';
import { platformFromLoader, type Signature, simpleLoader } from '@serving/core/extend';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { onTestFinished } from 'vitest';

const signature: Signature = {
  name: 'serving_default',
  methodName: 'tensorflow/serving/predict',
  inputs: new Map([['x', { name: 'x', dtype: 'float', shape: [-1] }]]),
  outputs: new Map([['y', { name: 'y', dtype: 'float', shape: [-1] }]]),
  defaults: new Map(),
};

async function double(_: Signature, { x }: NamedTensors): Promise<NamedTensors> {
  if ((x!.data as Float32Array).includes(Number.NaN)) throw new ServingError('INVALID_ARGUMENT', 'x is not a number');
  const outputs: NamedTensors = Object.create(null);
  outputs.y = createTensor(
    'float',
    x!.shape,
    (x!.data as Float32Array).map((value) => 2 * value),
  );
  return outputs;
}

/** Serves `good` in version 1, and `broken`, which doesn't load, where it is asked for. Closed when the test is over. */
export async function startServer(
  options: Partial<ModelServerOptions> = {},
  names: readonly string[] = ['good'],
): Promise<ModelServer> {
  const memory = platformFromLoader(() =>
    simpleLoader({
      load: async ({ id }) => {
        if (id.name === 'broken') throw new Error('no data');
        return { signatures: new Map([[signature.name, signature]]), run: double };
      },
    }),
  );
  const server = await ModelServer.start({
    models: names.map((name) => ({ name, basePath: name })),
    platforms: { tensorflow: memory },
    storage: { listChildren: async () => ['1'], join: (folder, child) => `${folder}/${child}` },
    maxNumLoadRetries: 0,
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

/** Requests twice each number. */
export async function predict(server: ModelServer, x: number[], model = 'good'): Promise<number[]> {
  const { outputs } = await server.predict({ model, inputs: { x } });
  return Array.from(outputs.y!.data as Float32Array);
}
