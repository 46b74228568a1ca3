import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeStorage } from '../../../testing/src/fake-storage.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { PREDICT_METHOD_NAME, type Signature } from '../servable/signature.js';
import { createTensor, type NamedTensors } from '../tensor/tensor.js';
import type { PartialShape } from '../tensor/tensor-shape.js';
import { ModelServer, type ModelServerOptions } from './model-server.js';

/** Answers `x` as it came, and remembers the shapes that it ran. */
class Echo implements InferenceServable {
  readonly ran: (readonly number[])[] = [];
  readonly signatures: ReadonlyMap<string, Signature>;

  constructor(shape: PartialShape, defaultShape?: readonly number[]) {
    const spec = { name: 'x', dtype: 'float', shape } as const;
    const defaults = new Map(defaultShape ? [['x', createTensor('float', defaultShape, new Float32Array(1))]] : []);
    const name = 'serving_default';
    const signature = {
      name,
      methodName: PREDICT_METHOD_NAME,
      inputs: new Map([['x', spec]]),
      outputs: new Map([['y', spec]]),
      defaults,
    };
    this.signatures = new Map([[name, signature]]);
  }

  run(_: Signature, { x }: NamedTensors): NamedTensors | Promise<NamedTensors> {
    this.ran.push(x!.shape);
    return Promise.resolve(Object.assign(Object.create(null), { y: x }));
  }
}

class EchoNow extends Echo {
  override run(_: Signature, { x }: NamedTensors): NamedTensors {
    this.ran.push(x!.shape);
    return Object.assign(Object.create(null), { y: x });
  }
}

async function serve(servable: InferenceServable, options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const storage = new FakeStorage();
  storage.add('m', 1);
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath: 'm', platform: 'echo' }],
    platforms: { echo: platformFromLoader(() => simpleLoader({ load: () => servable })) },
    storage,
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

const tensor = (...shape: number[]) => createTensor('float', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

describe('ModelServer, for inputs of another shape than the signature declares', () => {
  const refusals: [number[], string][] = [
    [[1, 3], '[1,3]'],
    [[4], '[4]'],
    [[1, 2, 4], '[1,2,4]'],
    [[], '[]'],
  ];

  it.each(refusals)('refuses %j, whatever the platform, and runs nothing', async (shape, text) => {
    const servable = new Echo([-1, 4]);
    const server = await serve(servable);
    await expect(server.predict({ model: 'm', inputs: { x: tensor(...shape) } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `Input "x" of model "m" has shape ${text}; signature "serving_default" expects [?,4].`,
    });
    expect(servable.ran).toEqual([]);
  });

  it('refuses them where runs are made at once, too', async () => {
    const servable = new EchoNow([-1, 4]);
    const server = await serve(servable);
    await expect(server.predict({ model: 'm', inputs: { x: tensor(1, 3) } })).rejects.toMatchObject({
      message: 'Input "x" of model "m" has shape [1,3]; signature "serving_default" expects [?,4].',
    });
    expect(servable.ran).toEqual([]);
  });

  it('refuses them before a batch is made of them, so that the others are answered', async () => {
    const servable = new Echo([-1, 4]);
    const server = await serve(servable, { batching: { padVariableLengthInputs: true } });
    const shapes = [[1, 4], [1, 3], [2, 4], [4]];
    const answers = await Promise.allSettled(
      shapes.map((shape) => server.predict({ model: 'm', inputs: { x: tensor(...shape) } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(servable.ran).toEqual([[3, 4]]);
  });

  it.each<[PartialShape, number[]]>([
    [undefined, [2, 3]],
    [[], []],
    [
      [-1, 4],
      [0, 4],
    ],
    [
      [-1, -1],
      [2, 5],
    ],
  ])('declared as %j runs %j', async (declared, shape) => {
    const server = await serve(new Echo(declared));
    const { outputs } = await server.predict({ model: 'm', inputs: { x: tensor(...shape) } });
    expect(outputs.y!.shape).toEqual(shape);
  });

  it("runs the signature's own default, of whatever shape", async () => {
    const server = await serve(new Echo([-1, 4], [1]));
    const { outputs } = await server.predict({ model: 'm', inputs: {} });
    expect(outputs.y!.shape).toEqual([1]);
  });

  it('leaves them to the model where enforceSignatureShapes is false', async () => {
    const server = await serve(new Echo([-1, 4]), { enforceSignatureShapes: false });
    const { outputs } = await server.predict({ model: 'm', inputs: { x: tensor(3) } });
    expect(outputs.y!.shape).toEqual([3]);
  });
});
