/** The server of the attack `hostile-json`, in a process of its own: models that only read, or answer what they were given. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServingError } from '@serving/core';
import type { InferenceServable, Signature, TensorSpec } from '@serving/core/extend';
import { createTensor, type DataType, type NamedTensors } from '@serving/core/tensor';
import { createNodeHandler, type RestModelServer } from '@serving/http';
import { encodeExamples, protobufPredictFormat } from '@serving/protos/messages';

/** What the process tells when it is asked for `report`, of the time since it was last asked. */
export interface LoopReport {
  readonly longestStallMs: number;
  readonly peakMegabytes: number;
}

const spec = (name: string, dtype: DataType): [string, TensorSpec] => [name, { name, dtype, shape: undefined }];

const signatureOf = (inputs: readonly [string, TensorSpec][], method: string): Signature => ({
  name: 'serving_default',
  methodName: `tensorflow/serving/${method}`,
  inputs: new Map(inputs),
  outputs: new Map([spec(method === 'regress' ? 'outputs' : 'y', 'float')]),
  defaults: new Map(),
});

function servableOf(signature: Signature, run: (inputs: NamedTensors) => NamedTensors): InferenceServable {
  return {
    signatures: new Map([['serving_default', signature]]),
    run: async (_signature, inputs) => run(inputs),
    examples: { encode: encodeExamples },
  };
}

const one = (): NamedTensors => ({ y: createTensor('float', [1], Float32Array.of(1)) });
const rows = ({ inputs }: NamedTensors): NamedTensors => {
  const count = inputs!.shape[0]!;
  return { outputs: createTensor('float', [count], new Float32Array(count)) };
};

const servables: Readonly<Record<string, InferenceServable>> = {
  float: servableOf(signatureOf([spec('x', 'float')], 'predict'), one),
  int64: servableOf(signatureOf([spec('x', 'int64')], 'predict'), one),
  string: servableOf(signatureOf([spec('x', 'string')], 'predict'), one),
  two: servableOf(signatureOf([spec('x', 'float'), spec('s', 'string')], 'predict'), one),
  echo: servableOf(signatureOf([spec('x', 'float')], 'predict'), ({ x }) => ({ y: x! })),
  regress: servableOf(signatureOf([spec('inputs', 'string')], 'regress'), rows),
};

const modelServer: RestModelServer = {
  getServableHandle({ model }) {
    const servable = servables[model];
    if (!servable) throw new ServingError('NOT_FOUND', `no model ${model}`);
    return { id: { name: model, version: 1 }, servable, release: () => undefined, [Symbol.dispose]: () => undefined };
  },
  getModelStatus: () => [],
  getModelMetadata: ({ model }) => ({ modelSpec: { name: model }, signatureDef: new Map() }) as never,
};

const server = createServer(createNodeHandler(modelServer, { formats: [protobufPredictFormat] }));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

let last = performance.now();
let longestStallMs = 0;
let peak = 0;
const turn = (): void => {
  const now = performance.now();
  longestStallMs = Math.max(longestStallMs, now - last);
  last = now;
  setTimeout(turn, 1);
};
turn();
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);
process.on('message', () => {
  process.send?.({ longestStallMs, peakMegabytes: peak / 1e6 } satisfies LoopReport);
  longestStallMs = 0;
  peak = 0;
});
process.on('disconnect', () => process.exit());
