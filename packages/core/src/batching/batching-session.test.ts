import { describe, expect, it } from 'vitest';
import { fakeSignature, floats, ManualServable, named } from '../../../test-doubles/src/manual-servable.js';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type NamedTensors, type Tensor } from '../tensor/tensor.js';
import type { BatchingRunOptions } from './batching-session-task.js';
import { PLACE, runsOf, World, z } from './batching-world.test-support.js';

describe('batchingServable', () => {
  it("batches as in TensorFlow Serving's example: four rows, ten milliseconds, padding to two or four", async () => {
    const options = { maxBatchSize: 4, batchTimeoutMs: 10, numBatchThreads: 1, allowedBatchSizes: [2, 4] };
    const world = new World(new ManualServable(), { ...options, enableLargeBatchSplitting: false });
    const a = world.run([1]);
    await world.clock.advance(3);
    const b = world.run([2, 3]);
    await world.clock.advance(2);
    const c = world.run([4, 5]);
    await settle();
    expect(runsOf(world)).toEqual([[1, 2, 3, 2]]);
    world.servable.runs[0]!.succeed();
    expect(await Promise.all([z(a), z(b)])).toEqual([[2], [4, 6]]);
    await world.clock.advance(9);
    expect(runsOf(world)).toEqual([]);
    await world.clock.advance(1);
    expect(runsOf(world)).toEqual([[4, 5]]);
    world.servable.runs[0]!.succeed();
    expect(await z(c)).toEqual([8, 10]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('gives outputs that are views of one buffer', async () => {
    const world = new World(new ManualServable(), {});
    const runs = [world.run([1]), world.run([2])];
    await world.finish();
    const [a, b] = (await Promise.all(runs)).map(({ z: output }) => output!.data as Float32Array);
    expect(a!.buffer).toBe(b!.buffer);
  });

  it('hands a lone request through without copying anything', async () => {
    const world = new World(new ManualServable(), {});
    const inputs = named({ x: floats([1, 2]) });
    const outputs = named({ z: floats([5, 6]) });
    const result = world.run(inputs);
    await settle();
    expect(world.servable.runs[0]!.inputs).toBe(inputs);
    world.servable.runs[0]!.succeed(outputs);
    expect(await result).toBe(outputs);
  });

  it('uses the memory of merged inputs again where the servable keeps none of it', async () => {
    const row = floats(
      Array.from({ length: 5000 }, (_, i) => i),
      5000,
    );
    const mergedBuffers = async (servable: ManualServable): Promise<ArrayBufferLike[]> => {
      const world = new World(servable, {});
      const buffers: ArrayBufferLike[] = [];
      for (let i = 0; i < 2; i++) {
        const runs = [world.run(named({ x: row })), world.run(named({ x: row }))];
        await settle();
        const { inputs } = servable.runs[0]!;
        expect(inputs.x!.data).toEqual(new Float32Array([...row.data, ...row.data]));
        buffers.push((inputs.x!.data as Float32Array).buffer);
        await world.finish();
        await Promise.all(runs);
      }
      return buffers;
    };
    const [first, second] = await mergedBuffers(Object.assign(new ManualServable(), { copiesInputs: true }));
    expect(second).toBe(first);
    const [third, fourth] = await mergedBuffers(new ManualServable());
    expect(fourth).not.toBe(third);
  });

  it('merges only what agrees in signature, outputs, data type and row shape', async () => {
    const world = new World(new ManualServable(), { numBatchThreads: 20 });
    const pairs: readonly [NamedTensors, BatchingRunOptions?, string?][] = [
      [named({ x: floats([1]) })],
      [named({ x: floats([1]) }), {}, 'other'],
      [named({ x: floats([1]) }), { outputs: ['z'] }],
      [named({ x: floats([1]) }), { outputs: ['z', 'w'] }],
      [named({ x: floats([1], 1) })],
      [named({ x: floats([1, 2], 2) })],
      [named({ x: createTensor('int32', [1], new Int32Array(1)) })],
    ];
    for (let i = 0; i < 2; i++) for (const [inputs, ...rest] of pairs) void world.run(inputs, ...rest);
    void world.run([1], { outputs: ['w', 'z'] });
    void world.run([1], { outputs: [] });
    await settle();
    const rows = world.servable.runs.map(({ signature, inputs, options }) => [
      signature,
      inputs.x!.dtype,
      inputs.x!.shape,
      options?.outputs,
    ]);
    expect(rows).toHaveLength(7);
    expect(rows).toEqual(
      expect.arrayContaining([
        ['double', 'float', [3], undefined],
        ['other', 'float', [2], undefined],
        ['double', 'float', [2], ['z']],
        ['double', 'float', [3], ['z', 'w']],
        ['double', 'float', [2, 1], undefined],
        ['double', 'float', [2, 2], undefined],
        ['double', 'int32', [2], undefined],
      ]),
    );
  });

  it('merges strings', async () => {
    const servable = new ManualServable();
    servable.compute = ({ x }) => named({ z: x! });
    const world = new World(servable, {});
    const strings = (...values: string[]): NamedTensors =>
      named({ x: createTensor('string', [values.length], StringArray.from(values)) });
    const runs = [world.run(strings('a', '')), world.run(strings('bcd'))];
    await world.finish();
    const results = await Promise.all(runs);
    expect(results.map((result) => (result.z!.data as StringArray).toStrings())).toEqual([['a', ''], ['bcd']]);
    expect(servable.runCount).toBe(1);
  });

  it('pads inputs of different sizes with their own first elements where that is wanted', async () => {
    const world = new World(new ManualServable(), { padVariableLengthInputs: true });
    const runs = [world.run(named({ x: floats([1, 2, 3], 3) })), world.run(named({ x: floats([7, 8, 9, 10], 2) }))];
    await settle();
    expect(world.servable.runs[0]!.inputs.x).toMatchObject({ shape: [3, 3] });
    expect(runsOf(world)).toEqual([[1, 2, 3, 7, 8, 7, 9, 10, 7]]);
    await world.finish();
    expect((await runs[1]!).z).toMatchObject({ shape: [2, 3] });
  });

  it('runs what has nothing to be padded with in a batch of its own', async () => {
    const world = new World(new ManualServable(), { padVariableLengthInputs: true, numBatchThreads: 3 });
    const empty = createTensor('float', [2, 0], new Float32Array(0));
    const runs = [world.run(named({ x: floats([1, 2], 2) })), world.run(named({ x: empty })), world.run([1])];
    await world.finish();
    await Promise.all(runs);
    expect(world.servable.runCount).toBe(3);
  });

  it('runs requests without rows together, apart from those that have some', async () => {
    const world = new World(new ManualServable(), {
      batchTimeoutMs: 1,
      numBatchThreads: 2,
      allowedBatchSizes: [1000],
    });
    const nothing = (): Promise<NamedTensors> =>
      world.run(named({ x: createTensor('float', [0, 3], new Float32Array(0)) }));
    const runs = [nothing(), world.run(named({ x: floats([1, 2, 3], 3) })), nothing()];
    await world.clock.advance(1);
    expect(world.servable.runs.map(({ inputs }) => inputs.x!.shape)).toEqual([
      [0, 3],
      [1000, 3],
    ]);
    await world.finish();
    const results = await Promise.all(runs);
    expect(results.map(({ z: output }) => output!.shape)).toEqual([
      [0, 3],
      [1, 3],
      [0, 3],
    ]);
  });

  it('cuts a large request and joins its outputs in order', async () => {
    const world = new World(new ManualServable(), { maxBatchSize: 3, numBatchThreads: 4 });
    const small = world.run([9]);
    const large = world.run([1, 2, 3, 4, 5, 6, 7]);
    await settle();
    expect(runsOf(world)).toEqual([
      [9, 1, 2],
      [3, 4, 5],
      [6, 7],
    ]);
    for (const run of [...world.servable.runs].reverse()) run.succeed();
    expect(await z(small)).toEqual([18]);
    expect(await z(large)).toEqual([2, 4, 6, 8, 10, 12, 14]);
  });

  it('reports pieces whose outputs cannot be joined', async () => {
    const world = new World(new ManualServable(), { maxBatchSize: 1, numBatchThreads: 2 });
    const large = world.run([1, 2]);
    world.servable.runs[0]!.succeed(named({ z: floats([1, 2], 2) }));
    world.servable.runs[0]!.succeed(named({ z: floats([1, 2, 3], 3) }));
    await expect(large).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: `The parts of a request that was split gave output "z" in shapes that can't be joined, [1,2] and [1,3] ${PLACE}`,
    });
  });

  it('fails a large request with its first failing piece, and runs no more of it', async () => {
    const world = new World(new ManualServable(), { maxBatchSize: 2, numBatchThreads: 1 });
    const large = world.run([1, 2, 3, 4, 5, 6]);
    world.servable.runs[0]!.fail(new ServingError('INTERNAL', 'broken'));
    await expect(large).rejects.toMatchObject({ code: 'INTERNAL', message: 'broken' });
    await settle();
    expect(world.servable.runs).toHaveLength(0);
    await world.batched.close();
  });

  it('keeps servable and its descriptions, and refuses unknown signatures', () => {
    const servable = Object.assign(new ManualServable(), { signatureDefs: new Map() });
    const { batched } = new World(servable, {});
    expect(batched).toMatchObject({ wrapped: servable, signatures: servable.signatures });
    expect(batched.signatureDefs).toBe(servable.signatureDefs);
    expect('examples' in batched && batched.examples !== undefined).toBe(false);
    const refused = () => batched.run(fakeSignature('missing', []), named({}));
    expect(refused).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }));
  });

  it('closes when the last batch is over, and takes nothing more', async () => {
    const world = new World(new ManualServable(), { batchTimeoutMs: 1000 });
    const result = world.run([1]);
    const closed = world.batched.close();
    await settle();
    expect(await isSettled(closed)).toBe(false);
    world.servable.runs[0]!.succeed();
    await closed;
    expect(await z(result)).toEqual([2]);
    await expect(world.run([1])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `The batch scheduling queue is closed ${PLACE}`,
    });
  });
});

describe('batchingServable and errors', () => {
  const scalar = createTensor('float', [], new Float32Array(1));

  it.each<[string, Record<string, Tensor>, string]>([
    ['no input', {}, 'Missing input: x'],
    [
      'a scalar',
      { x: scalar, y: floats([1]) },
      'Batching Run() input tensors must have at least one dimension: input "x" is a scalar',
    ],
    [
      'inputs with different numbers of rows',
      { x: floats([1, 2, 3]), y: floats([1, 2]) },
      'Batching Run() input tensors must have equal 0th-dimension size: input "x" has 3, input "y" has 2',
    ],
  ])('refuses %s before it is queued', async (_, inputs, text) => {
    const servable = new ManualServable();
    (servable.signatures as Map<string, Signature>).set('double', fakeSignature('double', ['x', 'y']));
    const world = new World(servable, {});
    const message = `${text} ${PLACE}`;
    await expect(world.run(named(inputs))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    await settle();
    expect(servable.runCount).toBe(0);
  });

  it('refuses a signature without inputs', async () => {
    const servable = new ManualServable();
    (servable.signatures as Map<string, Signature>).set('double', fakeSignature('double', []));
    const world = new World(servable, {});
    await expect(world.run(named({}))).rejects.toThrow('Batching Run() must have at least one input tensor');
  });

  it.each<[string, Tensor, string]>([
    ['is a scalar', scalar, 'Batched output tensor has 0 dimensions: output "z"'],
    [
      'has other rows',
      floats([1, 2]),
      'Batched output tensor\'s 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors: output "z" has 2, the inputs 3',
    ],
  ])('fails every request of a batch whose output %s', async (_, output, text) => {
    const world = new World(new ManualServable(), {});
    const runs = [world.run([1]), world.run([2, 3])];
    await settle();
    world.servable.runs[0]!.succeed(named({ z: output }));
    for (const run of runs) {
      await expect(run).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', message: `${text} ${PLACE}` });
    }
  });

  it('fails every request of a batch whose output is not a tensor, after the first one with rows', async () => {
    const world = new World(new ManualServable(), {});
    const runs = [world.run([1]), world.run([2])];
    await settle();
    world.servable.runs[0]!.succeed(named({ z: { ...floats([1]), shape: [2] } }));
    expect(await z(runs[0]!)).toEqual([1]);
    await expect(runs[1]).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('frees the thread of a servable that throws', async () => {
    const servable = new ManualServable();
    const world = new World(servable, { numBatchThreads: 1 });
    servable.run = () => {
      throw new Error('broken');
    };
    await expect(world.run([1])).rejects.toMatchObject({ code: 'INTERNAL', message: 'broken' });
    await expect(world.run([1])).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('refuses quickly when the queue is full, and names the queue', async () => {
    const options = { numBatchThreads: 1, maxBatchSize: 1, maxEnqueuedBatches: 1, enableLargeBatchSplitting: false };
    const world = new World(new ManualServable(), options);
    const runs = [world.run([1]), world.run([2])];
    await expect(world.run([3])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1 ${PLACE}`,
    });
    await world.finish();
    expect(await Promise.all(runs.map(z))).toEqual([[2], [4]]);
  });

  it("rejects wrong options with TensorFlow Serving's texts", () => {
    const batching = { maxBatchSize: 4, allowedBatchSizes: [3] };
    expect(() => new World(new ManualServable(), {}, { batching })).toThrow(
      'Last entry in allowed_batch_sizes must match max_batch_size; last entry was 3; expected 4',
    );
  });
});
