import type { SignatureDefMap, TensorInfo } from '@serving/core/extend';
import { readMetaGraphWithGraph } from '@serving/protos/saved-model';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { hasSmallKernels } from './small-kernels.js';

const [FLOAT, INT32, STRING] = [1, 3, 7];
const KIB = 1024;
const MIB = 1024 * KIB;

function signatureWith(dtype: number, sizes: readonly number[] | undefined): SignatureDefMap {
  const dim = (sizes ?? []).map((size) => ({ size: BigInt(size), name: '' }));
  const info: TensorInfo = { dtype, tensorShape: { dim, unknownRank: sizes === undefined } } as unknown as TensorInfo;
  return new Map([
    ['serving_default', { inputs: new Map([['x', info]]), outputs: new Map(), methodName: '', defaults: new Map() }],
  ]);
}

function graphOf(...ops: string[]): Parameters<typeof hasSmallKernels>[0] {
  const none = { inputs: [], integers: new Map(), strings: new Map(), functions: new Map(), outputShapes: [] };
  const inner = ops.map((op) => ({ name: op, op, ...none }));
  const functions = new Map([['f', { name: 'f', inputs: [], results: [], nodes: inner }]]);
  return { nodes: [], functions, ops: new Map() };
}

describe('hasSmallKernels', () => {
  it.each<[string, string, number, readonly number[] | undefined, number, boolean]>([
    ['a dense network', 'MatMul', FLOAT, [-1, 784], 3 * MIB, true],
    ['a dense network of many weights', 'MatMul', FLOAT, [-1, 784], 9 * MIB, false],
    ['a vector', 'Mul', FLOAT, [-1], 8 * KIB, true],
    ['any shape', 'Mul', FLOAT, undefined, 8 * KIB, true],
    ['rows of many values', 'Mul', FLOAT, [-1, 1024, 1024], 8 * KIB, false],
    ['convolutions over small images', 'Conv2D', FLOAT, [-1, 28, 28, 1], 210 * KIB, true],
    ['convolutions over large images', 'Conv2D', FLOAT, [-1, 224, 224, 3], 210 * KIB, false],
    ['convolutions over images of any size', 'Conv2D', FLOAT, [-1, -1, -1, 3], 50 * KIB, false],
    ['convolutions over grey images without channels', 'Conv2D', FLOAT, [-1, 64, 64], 210 * KIB, false],
    ['encoded images', 'DecodeJpeg', STRING, [-1], 50 * KIB, false],
    ['strings', 'LookupTableFindV2', STRING, [-1], 50 * KIB, true],
    ['a small transformer over words', 'BatchMatMulV2', INT32, [-1, -1], 400 * KIB, true],
    ['a larger transformer over words', 'BatchMatMulV2', INT32, [-1, 128], 4 * MIB, false],
    ['a small recurrent network', 'While', FLOAT, [-1, 50, 16], 400 * KIB, true],
  ])('judges %s', (_, op, dtype, sizes, fileBytes, isSmall) => {
    expect(hasSmallKernels(graphOf(op), signatureWith(dtype, sizes), fileBytes)).toBe(isSmall);
  });

  it('judges models as they are exported', async () => {
    const judged = async (name: string): Promise<boolean> => {
      const { metaGraph, graph } = await readMetaGraphWithGraph(fixturePath(name, 1), ['serve']);
      return hasSmallKernels(graph, metaGraph.signatureDefs, 3 * MIB);
    };
    expect([await judged('mlp'), await judged('digit_pictures')]).toEqual([true, false]);
  });
});
