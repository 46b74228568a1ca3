import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServingError } from '@serving/core';
import { createTensor, type Tensor } from '@serving/core/tensor';
import type { PreparedRun, Session } from '@serving/engine';
import type { Program, ProgramInput } from '@serving/onnx-compiler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onnxRuntime } from '../onnx-runtime.js';
import { ProgramVariants } from './program-variants.js';

const fixture = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));
const ones = (...shape: number[]): Tensor =>
  createTensor('float', shape, new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1));

let directory: string;
let session: Session;
let run: PreparedRun;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'program-variants-'));
  await cp(fixture, directory, { recursive: true });
  session = await onnxRuntime().load(directory, ['serve'], {});
  run = session.prepare(['x:0'], ['y:0']);
});

afterEach(async () => {
  await session.close();
  await rm(directory, { recursive: true, force: true });
});

describe('requests of other shapes than the signature declares', () => {
  it.each([[[]], [[2, 2]], [[1, 2, 3]]])('are answered in their own shape: [%s]', async (shape) => {
    const [y] = await run.run([ones(...shape)]);
    expect(y!.shape).toEqual(shape);
    expect([...(y as Tensor<'float'>).data].every((value) => value === 2.5)).toBe(true);
  });

  it('are answered by several runs at once, and run before the session closes', async () => {
    const runs = Array.from({ length: 8 }, () => run.run([ones(2, 2)]));
    const closed = session.close();
    for (const [y] of await Promise.all(runs)) expect(y!.shape).toEqual([2, 2]);
    await closed;
  });

  it('are refused by the declared shape when there are too many, or the files are gone', async () => {
    const shapes = [[], [1, 1], [1, 1, 1], [1, 1, 1, 1]];
    for (const shape of shapes) await run.run([ones(...shape)]);
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('expects float of shape [?]') };
    await expect(run.run([ones(1, 1, 1, 1, 1)])).rejects.toMatchObject(refusal);
    await rm(directory, { recursive: true });
    await expect(run.run([ones(1, 1)])).resolves.toHaveLength(1);
    const other = await onnxRuntime().load(fixture, ['serve'], {});
    await other.close();
  });

  it('are each refused by their own shape when they cannot be compiled', async () => {
    const input = { alias: 'x' } as ProgramInput;
    const variants = new ProgramVariants({ inputs: [input] } as unknown as Program, () =>
      Promise.reject(new Error('no kernel')),
    );
    for (const shape of [
      [2, 3],
      [4, 5],
    ]) {
      const unfit = ServingError.invalidArgument(`Input "x" is float of shape [${shape}]`);
      const refusal = await variants.get([input], [ones(...shape)], unfit).catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: unfit.message,
        cause: { message: 'no kernel' },
      });
    }
  });

  it('are refused for another dtype', async () => {
    await expect(run.run([createTensor('int32', [2, 2], new Int32Array(4))])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Input "x" is int32'),
    });
  });
});
