import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signature } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import type { ExampleInput } from '../messages/example.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type NamedTensors, type Tensor } from '../tensor/tensor.js';
import { ModelServer } from './model-server.js';

let root: string;
let server: ModelServer;
let clock: ManualClock;
/** What runs of the signature `slow` wait for. */
let gate: Gate;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'model-server-examples-'));
  await mkdir(join(root, '7'));
  clock = new ManualClock();
  gate = new Gate();
  server = await ModelServer.start({
    models: [{ name: 'sizes', basePath: root, platform: 'own' }],
    platforms: { own: platformFromLoader(() => simpleLoader({ load: () => sizes })) },
    clock,
  });
});

afterEach(async () => {
  gate.open();
  await server.close();
  await rm(root, { recursive: true });
});

/** No TensorFlow and no protobuf: reads the number `x` of each example, and says how large it is. */
const sizes: InferenceServable = {
  signatures: new Map([
    ['serving_default', signature('serving_default', { inputs: 'float' }, { classes: 'string', scores: 'float' })],
    ['double', signature('double', { inputs: 'float' }, { outputs: 'float' })],
    ['slow', signature('slow', { inputs: 'float' }, { outputs: 'float' })],
  ]),
  examples: {
    encode({ examples, context }: ExampleInput): Tensor {
      const numbers = examples.map((example) => Number((example.get('x') ?? context?.get('x'))!.values[0]));
      return createTensor('float', [numbers.length], Float32Array.from(numbers));
    },
  },
  async run({ name }, { inputs }): Promise<NamedTensors> {
    const { data, shape } = inputs as Tensor<'float'>;
    if (name === 'slow') await gate.opened;
    if (name !== 'serving_default') {
      const doubled = data.map((x) => 2 * x);
      return { outputs: createTensor('float', shape, doubled) };
    }
    const labels = Array.from(data, (x) => (x < 10 ? 'small' : 'large'));
    return {
      classes: createTensor('string', [data.length, 1], StringArray.from(labels)),
      scores: createTensor('float', [data.length, 1], data),
    };
  },
};

describe('ModelServer with a servable of examples', () => {
  it('classifies', async () => {
    expect(await server.classify({ model: 'sizes', examples: [{ x: 1 }, {}], context: { x: 10n } })).toEqual({
      model: 'sizes',
      version: 7,
      signatureName: 'serving_default',
      classifications: [[{ label: 'small', score: 1 }], [{ label: 'large', score: 10 }]],
    });
  });

  it('regresses', async () => {
    expect(await server.regress({ model: 'sizes', version: 7, signatureName: 'double', examples: [{ x: 4 }] })).toEqual(
      {
        model: 'sizes',
        version: 7,
        signatureName: 'double',
        values: Float32Array.of(8),
      },
    );
  });

  it('ends the wait by signal and by time limit', async () => {
    const request = { model: 'sizes', signatureName: 'slow', examples: [{ x: 1 }] };
    await expect(server.regress({ ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'The run of {name: sizes version: 7}, signature "slow", was cancelled',
    });
    const limited = expect(server.regress({ ...request, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    await clock.advance(50);
    await limited;
  });

  it('refuses requests to models that are not there and signatures of another form', async () => {
    await expect(server.classify({ model: 'no', examples: [{ x: 1 }] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(server.classify({ model: 'sizes', signatureName: 'double', examples: [{ x: 1 }] })).rejects.toThrow(
      'Model sizes version 7, signature "double": Expected classification signature outputs to contain at least one of ' +
        '"classes" or "scores". Signature was: "double" with inputs {inputs} and outputs {outputs}',
    );
  });
});
