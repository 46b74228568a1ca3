/**
 * Requests that no client of good will sends, against the services on TensorFlow: every one gets an answer or a proper status, and
 * the next client gets its own. The cases are the same in each run; `FUZZ_CASES` chooses how many of them (default 600).
 */
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { encodeMessage, type Messages } from '@serving/protos/messages';
import { savedModelPlatform } from '@serving/savedmodel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcClient, paths } from '../../../test-doubles/src/grpc-client.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { GrpcServer } from '../server/grpc-server.js';

const cases = Number(process.env.FUZZ_CASES ?? 600);
const models = ['half_plus_two', 'strings', 'dtypes', 'defaults', 'classify_regress', 'multi', 'image'];

let modelServer: ModelServer;
let server: GrpcServer;
let client: GrpcClient;

beforeAll(async () => {
  modelServer = await ModelServer.start({
    models: models.map((name) => ({ name, basePath: fixturePath(name) })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  server = await GrpcServer.listen(modelServer, { port: 0, sessionService: true, maxFilledBytes: 2 ** 20 });
  client = new GrpcClient(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await modelServer.close();
});

type TensorProto = Messages['tensorflow.TensorProto'];
type Spec = Messages['tensorflow.serving.ModelSpec'];

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 4n }) },
  fc.constantFrom(-1n, -(2n ** 63n), 224n, 65_536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 40n, 2n ** 53n, 2n ** 63n - 1n),
);
const shapes = fc.record({
  dim: fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.record({ size: sizes }), { maxLength: 5 }) },
    fc.array(fc.record({ size: fc.constant(1n) }), { minLength: 250, maxLength: 260 }),
  ),
  unknownRank: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const dtypes = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 3, 7, 9) },
  fc.integer({ min: -1, max: 34 }),
  fc.constant(101),
);
const few = { maxLength: 5 };
const tensors: fc.Arbitrary<TensorProto> = fc.record(
  {
    dtype: dtypes,
    tensorShape: shapes,
    tensorContent: fc.uint8Array({ maxLength: 40 }),
    floatVal: fc.array(fc.float(), few),
    doubleVal: fc.array(fc.double(), few),
    intVal: fc.array(fc.integer(), few),
    int64Val: fc.array(int64, few),
    stringVal: fc.array(fc.uint8Array({ maxLength: 60 }), few),
    boolVal: fc.array(fc.boolean(), few),
    halfVal: fc.array(fc.nat(65_535), few),
    scomplexVal: fc.array(fc.float(), few),
    uint64Val: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), few),
    resourceHandleVal: fc.array(fc.record({ name: fc.string() }), { maxLength: 2 }),
    variantVal: fc.array(fc.record({ typeName: fc.string() }), { maxLength: 2 }),
  },
  { requiredKeys: ['dtype', 'tensorShape'] },
);
/** What may well run. */
const likelyShapes = fc.record({
  dim: fc.array(fc.record({ size: fc.bigInt({ min: 0n, max: 40n }) }), { maxLength: 4 }),
});
const likely: fc.Arbitrary<readonly [string, string, TensorProto]> = fc.oneof(
  fc
    .record({ dtype: fc.constant(1), tensorShape: likelyShapes, floatVal: fc.array(fc.float(), few) })
    .map((tensor) => ['half_plus_two', 'x', tensor] as const),
  fc
    .record({ dtype: fc.constant(7), tensorShape: likelyShapes, stringVal: fc.array(fc.uint8Array(), few) })
    .map((tensor) => ['strings', 'text', tensor] as const),
  tensors.map((tensor) => ['half_plus_two', 'x', tensor] as const),
);
const specs: fc.Arbitrary<Spec> = fc.record(
  {
    name: fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...models) }, fc.string()),
    signatureName: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('serving_default', 'classify', 'regress') },
      fc.string({ unit: 'binary' }),
    ),
    version: fc.record({ value: fc.oneof(fc.constantFrom(1n, 124n), int64) }),
  },
  { requiredKeys: ['name'] },
);
const aliases = fc.constantFrom('x', 'y', 'text', 'image', 'inputs', 'a', 'b', '', '__proto__', 'x:0', '\ud800');
const features = fc.oneof(
  fc.record({ bytesList: fc.record({ value: fc.array(fc.uint8Array({ maxLength: 9 }), few) }) }),
  fc.record({ floatList: fc.record({ value: fc.array(fc.float(), few) }) }),
  fc.record({ int64List: fc.record({ value: fc.array(int64, few) }) }),
  fc.constant({}),
);
const examples = fc.record({
  features: fc.record({ feature: fc.array(fc.record({ key: aliases, value: features }), few) }),
});
const inputs = fc.oneof(
  fc.record({ exampleList: fc.record({ examples: fc.array(examples, few) }) }),
  fc.record({ exampleListWithContext: fc.record({ examples: fc.array(examples, few), context: examples }) }),
);
const names = fc.array(fc.oneof(aliases, fc.constantFrom('y:0', 'z', 'scores')), { maxLength: 3 });

/** Path and bytes of a request that parses. */
const wellFormed: fc.Arbitrary<readonly [string, Uint8Array]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record(
        {
          modelSpec: specs,
          inputs: fc.array(fc.record({ key: aliases, value: tensors }), { maxLength: 3 }),
          outputFilter: names,
        },
        { requiredKeys: ['modelSpec', 'inputs'] },
      )
      .map((request) => [paths.predict, encodeMessage('tensorflow.serving.PredictRequest', request)] as const),
  },
  {
    weight: 5,
    arbitrary: likely.map(([name, key, value]) => {
      const request = { modelSpec: { name }, inputs: [{ key, value }] };
      return [paths.predict, encodeMessage('tensorflow.serving.PredictRequest', request)] as const;
    }),
  },
  fc
    .record({ modelSpec: specs, input: inputs })
    .map((request) => [paths.classify, encodeMessage('tensorflow.serving.ClassificationRequest', request)] as const),
  fc
    .record({ modelSpec: specs, input: inputs })
    .map((request) => [paths.regress, encodeMessage('tensorflow.serving.RegressionRequest', request)] as const),
  fc
    .record({
      tasks: fc.array(
        fc.record({
          modelSpec: specs,
          methodName: fc.constantFrom('tensorflow/serving/classify', 'tensorflow/serving/regress', ''),
        }),
        { maxLength: 3 },
      ),
      input: inputs,
    })
    .map(
      (request) => [paths.multiInference, encodeMessage('tensorflow.serving.MultiInferenceRequest', request)] as const,
    ),
  fc
    .record({
      modelSpec: specs.map((spec) => (spec.name === 'image' ? { ...spec, name: 'multi' } : spec)),
      feed: fc.array(fc.record({ name: aliases, tensor: tensors }), { maxLength: 3 }),
      fetch: names,
      target: fc.array(aliases, { maxLength: 1 }),
      tensorNameIsAlias: fc.boolean(),
      options: fc.record({ timeoutInMs: fc.constantFrom(0n, 1000n, -1n, 2n ** 62n) }),
    })
    .map((request) => [paths.sessionRun, encodeMessage('tensorflow.serving.SessionRunRequest', request)] as const),
);

/** A change of bytes somewhere: what is there is cut out, doubled, or overwritten. */
const changes = fc.record({
  kind: fc.constantFrom('remove', 'repeat', 'overwrite'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 12 }),
  byte: fc.integer({ min: 0, max: 255 }),
});

const requests = fc
  .tuple(
    wellFormed,
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(changes, { minLength: 1, maxLength: 4 })),
  )
  .map(([[path, bytes], list]) => {
    let mutated = Buffer.from(bytes);
    for (const { kind, at, length, byte } of list) {
      const begin = Math.floor(at * mutated.length);
      const piece = mutated.subarray(begin, begin + length);
      const middle = { remove: [], repeat: [piece, piece], overwrite: [Buffer.alloc(piece.length, byte)] }[kind]!;
      mutated = Buffer.concat([mutated.subarray(0, begin), ...middle, mutated.subarray(begin + length)]);
    }
    return [path, mutated] as const;
  });

/** INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNIMPLEMENTED, and INTERNAL for what does not parse. */
const properCodes = [3, 5, 8, 9, 12, 13];

async function statusOf(path: string, bytes: Uint8Array): Promise<{ code: number; details: string }> {
  try {
    await client.call(path, bytes);
    return { code: 0, details: '' };
  } catch (error) {
    return error as { code: number; details: string };
  }
}

describe('requests that make no sense', () => {
  it('get an answer or a proper status, and affect no other client', { timeout: 3_600_000 }, async () => {
    const counts = new Map<number, number>();
    const before = process.memoryUsage.rss();
    await fc.assert(
      fc.asyncProperty(requests, async ([path, bytes]) => {
        const { code, details } = await statusOf(path, bytes);
        counts.set(code, (counts.get(code) ?? 0) + 1);
        if (code === 0) return;
        expect(properCodes, details).toContain(code);
        if (code === 13) expect(details).toMatch(/^Can't parse \w+Request \(/);
        expect(details).not.toBe('');
      }),
      { numRuns: cases, seed: 20_250_117 },
    );
    expect(counts.get(0)).toBeGreaterThan(cases / 40);
    expect(counts.get(3)).toBeGreaterThan(cases / 20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 30);
    const x = createTensor('float', [1], Float32Array.of(1));
    const { outputs } = await client.predict({ modelSpec: { name: 'half_plus_two' }, inputs: { x } });
    expect(Array.from(outputs.y!.data as Float32Array)).toEqual([3.5]);
  });
});
