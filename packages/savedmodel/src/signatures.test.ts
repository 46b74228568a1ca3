import type { SignatureDef, TensorInfo } from '@serving/core/extend';
import { readMetaGraph } from '@serving/protos/saved-model';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { toSignatures } from './signatures.js';

const signatureDef = (parts: Partial<SignatureDef>): SignatureDef => ({
  inputs: new Map(),
  outputs: new Map(),
  methodName: '',
  defaults: new Map(),
  ...parts,
});

describe('toSignatures', () => {
  it('keeps names, order and method', () => {
    const info: TensorInfo = { name: 'x:0', dtype: 1 };
    const inputs = new Map([
      ['b', info],
      ['__proto__', info],
      ['a', info],
    ]);
    const signatures = toSignatures(new Map([['s', signatureDef({ inputs, methodName: 'm' })]]));
    expect(signatures.get('s')).toMatchObject({ name: 's', methodName: 'm' });
    expect([...signatures.get('s')!.inputs.keys()]).toEqual(['b', '__proto__', 'a']);
  });

  it.each<[string, TensorInfo, object]>([
    ['a plain type', { dtype: 9 }, { dtype: 'int64', shape: undefined }],
    ['a reference type', { dtype: 101 }, { dtype: 'float', shape: undefined }],
    ['a number without a type', { dtype: 99 }, { dtype: 'invalid', shape: undefined }],
    ['no type', { dtype: 0 }, { dtype: 'invalid', shape: undefined }],
    ['a scalar', { dtype: 1, tensorShape: { dim: [], unknownRank: false } }, { dtype: 'float', shape: [] }],
    [
      'an unknown rank',
      { dtype: 1, tensorShape: { dim: [], unknownRank: true } },
      { dtype: 'float', shape: undefined },
    ],
    [
      'free and fixed dimensions',
      { dtype: 7, tensorShape: { dim: [-1n, 3n].map((size) => ({ size, name: '' })), unknownRank: false } },
      { dtype: 'string', shape: [-1, 3] },
    ],
  ])('reads %s', (_, info, expected) => {
    const signatures = toSignatures(new Map([['s', signatureDef({ outputs: new Map([['y', info]]) })]]));
    expect(signatures.get('s')!.outputs.get('y')).toEqual({ name: 'y', ...expected });
  });

  it('decodes default inputs, and leaves out those that it cannot', async () => {
    const { signatureDefs } = await readMetaGraph(fixturePath('defaults', 1), ['serve']);
    const def = signatureDefs.get('serving_default')!;
    const broken = { ...def.defaults.get('scale')!, dtype: 20 };
    const defaults = new Map([...def.defaults, ['scale', broken]]);
    const signature = toSignatures(new Map([['s', { ...def, defaults }]])).get('s')!;
    expect([...signature.defaults.keys()].sort()).toEqual(['big', 'offsets', 'prefix']);
    expect(signature.defaults.get('offsets')).toEqual({
      dtype: 'float',
      shape: [3],
      data: new Float32Array([0.5, 0.5, 0.5]),
    });
    expect(signature.defaults.get('big')!.data).toEqual(new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n)]));
  });
});
