/** Kernels and graphs that need stack, each in a process of its own: one that has too little ends by a signal. */
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { builtPackageUrl, runWithRuntime } from '../child-process.test-support.js';
import { type UnaryModel, writeUnaryModel } from '../session/pbtxt-model.test-support.js';

const model = JSON.stringify(fixturePath('linear_algebra', 1));
const koffi = JSON.stringify(createRequire(import.meta.url).resolve('koffi'));

/** The largest difference between `a` × its inverse and 1, and the solution of `a` · s = b with s all ones. */
const invert = (size: number, runMode: string): string => `
  const size = ${size};
  const session = await tensorflowRuntime({ runMode: '${runMode}' }).load(${model}, ['serve'], {});
  const a = new Float32Array(size * size);
  for (let i = 0; i < size; i++) for (let k = 0; k <= i; k++) a[i * size + k] = i === k ? 2 : 1 / (size + i + k);
  const matrix = { dtype: 'float', shape: [size, size], data: a };
  const [inverse] = await session.prepare(['matrix'], ['inverse']).run([matrix]);
  const sums = Float32Array.from({ length: size }, (_, i) => a.subarray(i * size, (i + 1) * size).reduce((x, y) => x + y, 0));
  const right = { dtype: 'float', shape: [size, 1], data: sums };
  const [solution] = await session.prepare(['matrix', 'right'], ['solution']).run([matrix, right]);
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      let sum = i === k ? -1 : 0;
      for (let m = 0; m < size; m++) sum += a[i * size + m] * inverse.data[m * size + k];
      worst = Math.max(worst, Math.abs(sum));
    }
    worst = Math.max(worst, Math.abs(solution.data[i] - 1));
  }
  console.log(JSON.stringify({ shape: inverse.shape, isExact: worst < 1e-4 }));
`;

describe('linear algebra', () => {
  it.each([
    [150, 'thread'],
    [180, 'thread'],
    [600, 'thread'],
    [180, 'inline'],
    [600, 'inline'],
  ])('of a matrix of %d rows is right in the run mode %s', async (size, runMode) => {
    expect(await runWithRuntime(invert(size, runMode))).toEqual({ shape: [size, size], isExact: true });
  });

  it('is right in a worker thread, which has stacks of its own', async () => {
    const program = `import(${JSON.stringify(builtPackageUrl)}).then(async ({ tensorflowRuntime }) => {
      ${invert(180, 'thread')}
    });`;
    const inWorker = `
      const { Worker } = require('node:worker_threads');
      await new Promise((resolve) => new Worker(${JSON.stringify(program)}, { eval: true }).on('exit', resolve));`;
    expect(await runWithRuntime(inWorker)).toEqual({ shape: [180, 180], isExact: true });
  });
});

describe('functions that call each other', () => {
  it('are loaded and run a hundred calls deep', async () => {
    const folder = await writeUnaryModel(nestedCalls(100));
    const negated = await runWithRuntime(`
      const session = await tensorflowRuntime({ runMode: 'thread' }).load(${JSON.stringify(folder)}, ['serve'], {});
      const x = { dtype: 'float', shape: [1], data: Float32Array.of(3) };
      const [y] = await session.prepare(['x'], ['y']).run([x]);
      console.log(JSON.stringify([...y.data]));`);
    await rm(folder, { recursive: true });
    expect(negated).toEqual([-3]);
  });
});

/** A model that calls the first of so many functions, each of which calls the next; the last one negates. */
function nestedCalls(depth: number): UnaryModel {
  const type = '{ type: DT_FLOAT }';
  const call = (next: number): string =>
    ['Tin', 'Tout'].map((name) => `attr { key: "${name}" value { list ${type} } }`).join(' ') +
    ` attr { key: "f" value { func { name: "f${next}" } } }`;
  const body = (at: number): string =>
    at === depth - 1
      ? `node_def { name: "n" op: "Neg" input: "a" attr { key: "T" value ${type} } } ret { key: "r" value: "n:y:0" }`
      : `node_def { name: "n" op: "PartitionedCall" input: "a" ${call(at + 1)} } ret { key: "r" value: "n:output:0" }`;
  const functions = Array.from(
    { length: depth },
    (_, at) =>
      `function {
         signature { name: "f${at}" input_arg { name: "a" type: DT_FLOAT } output_arg { name: "r" type: DT_FLOAT } }
         ${body(at)}
       }`,
  );
  return { operation: 'PartitionedCall', attributes: call(0), functions };
}

describe('a host that used koffi first', () => {
  it('gets an error that asks it to size its stacks', async () => {
    const { code, message } = await runWithRuntime<{ code: string; message: string }>(`
      require(${koffi}).load(null);
      await tensorflowRuntime().load(${model}, ['serve'], {}).catch(({ code, message }) => {
        console.log(JSON.stringify({ code, message }));
      });`);
    expect(code).toBe('FAILED_PRECONDITION');
    expect(message).toContain('Call koffi.config({ sync_stack_size: 8388608, async_stack_size: 8388608 }) before');
  });

  it('is served when it gave them that size', async () => {
    const body = `
      const koffi = require(${koffi});
      koffi.config({ sync_stack_size: 8388608, async_stack_size: 8388608 });
      koffi.load(null);
      ${invert(180, 'thread')}`;
    expect(await runWithRuntime(body)).toEqual({ shape: [180, 180], isExact: true });
  });
});
