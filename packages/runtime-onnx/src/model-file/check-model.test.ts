import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModel } from './check-model.js';
import { checkExternalData } from './external-data.js';
import {
  functionBytes,
  type GraphBytes,
  graphBytes,
  modelBytes,
  nodeBytes,
  sequenceBytes,
  tensorBytes,
  valueBytes,
} from './model-bytes.test-support.js';
import { readModelOutline } from './read-model-outline.js';

const identity: GraphBytes = {
  nodes: [nodeBytes('Identity', ['x'], ['y'])],
  inputs: [valueBytes('x', 1, ['batch', 3])],
  outputs: [valueBytes('y', 1, ['batch', 3])],
};
const outline = (graph: GraphBytes, functions: readonly Uint8Array[] = []) =>
  readModelOutline(modelBytes(graphBytes(graph), functions));

describe('readModelOutline', () => {
  it('reads graph, operator sets, types and dimensions', () => {
    expect(outline(identity)).toMatchObject({
      irVersion: 8,
      operatorSets: new Map([['', 17]]),
      graph: {
        nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'], domain: '' }],
        inputs: [
          {
            name: 'x',
            type: {
              kind: 'tensor',
              elementType: 1,
              shape: [
                { size: undefined, name: 'batch' },
                { size: 3, name: '' },
              ],
            },
          },
        ],
      },
    });
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'it has no graph'],
    ['text', Buffer.from('this is not a model'), 'not a serialized message'],
    ['a model that is cut short', modelBytes(graphBytes(identity)).subarray(0, 20), 'not a serialized message'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => readModelOutline(bytes)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) }),
    );
  });

  it('refuses graphs in graphs beyond a depth', () => {
    let graph = graphBytes({});
    for (let i = 0; i < 40; i++) graph = graphBytes({ nodes: [nodeBytes('If', ['c'], ['y'], { subgraphs: [graph] })] });
    expect(() => readModelOutline(modelBytes(graph))).toThrow('nested more than 32 deep');
  });

  it('throws nothing but ServingError, whatever bytes are changed', () => {
    const model = modelBytes(graphBytes({ ...identity, initializers: [tensorBytes('w', 1, [2], new Uint8Array(8))] }), [
      functionBytes('f', ['g']),
    ]);
    const changes = fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (list) => {
        const changed = Uint8Array.from(model);
        for (const [at, byte] of list) changed[at] = byte;
        try {
          checkModel(readModelOutline(changed));
        } catch (error) {
          if (!(error instanceof ServingError)) throw error;
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

describe('checkModel', () => {
  it('accepts a model of tensors', () => {
    expect(() => checkModel(outline(identity))).not.toThrow();
  });

  it.each([
    ['int4', valueBytes('y', 22), 'Output "y" of the model is int4'],
    ['float8', valueBytes('y', 17), 'Output "y" of the model is float8e4m3fn'],
    ['complex', valueBytes('y', 14), 'Output "y" of the model is complex64'],
    ['a sequence', sequenceBytes('y'), 'Output "y" of the model is a sequence'],
  ])('refuses an output of %s by its name', (_, output, message) => {
    const model = outline({ ...identity, outputs: [output] });
    expect(() => checkModel(model)).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining(message) }),
    );
  });

  it('takes no input for one that an initializer has', () => {
    const weight = {
      inputs: [...identity.inputs!, valueBytes('w', 22)],
      initializers: [tensorBytes('w', 22, [2], new Uint8Array(1))],
    };
    expect(() => checkModel(outline({ ...identity, ...weight }))).not.toThrow();
  });

  it.each([
    [
      'fewer bytes than its shape has',
      tensorBytes('w', 1, [3], new Uint8Array(8)),
      'Constant "w" of shape [3] has 8 bytes, expected 12',
    ],
    [
      'more elements than memory holds',
      tensorBytes('w', 1, [2 ** 31, 2 ** 31], new Uint8Array(0)),
      'more elements than fit into memory',
    ],
  ])('refuses a constant with %s', (_, tensor, message) => {
    expect(() => checkModel(outline({ ...identity, initializers: [tensor] }))).toThrow(message);
  });

  it.each([
    ['themselves', [functionBytes('f', ['f'])]],
    ['each other', [functionBytes('f', ['g']), functionBytes('g', ['f'])]],
  ])('refuses functions that call %s', (_, functions) => {
    const nodes = [nodeBytes('f', ['x'], ['y'], { domain: 'own' })];
    expect(() => checkModel(outline({ ...identity, nodes }, functions))).toThrow(
      /Function "f" of the model calls itself: own:f → /,
    );
  });

  it('refuses functions that grow beyond a number of nodes when they are inlined', () => {
    const functions = Array.from({ length: 20 }, (_, i) =>
      functionBytes(`f${i}`, i === 19 ? ['Relu'] : [`f${i + 1}`, `f${i + 1}`]),
    );
    const nodes = [nodeBytes('f0', ['x'], ['y'], { domain: 'own' })];
    expect(() => checkModel(outline({ ...identity, nodes }, functions))).toThrow('more than 200000 nodes');
  });
});

describe('a division of integers', () => {
  const int64 = 7;
  const seven = tensorBytes('seven', int64, [1], Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0));
  const minusOne = tensorBytes('y', int64, [1], new Uint8Array(8).fill(255));
  const graph = (nodes: readonly Uint8Array[], type = int64): GraphBytes => ({
    nodes,
    initializers: [seven],
    inputs: [valueBytes('x', type, ['n']), valueBytes('y', type, ['n'])],
    outputs: [valueBytes('z', type, ['n'])],
  });

  it.each([
    ['of floats', graph([nodeBytes('Div', ['x', 'y'], ['z'])], 1)],
    ['by a constant', graph([nodeBytes('Div', ['x', 'seven'], ['z'])])],
    [
      'of sizes',
      graph([nodeBytes('Shape', ['x'], ['a']), nodeBytes('Shape', ['y'], ['b']), nodeBytes('Div', ['a', 'b'], ['z'])]),
    ],
  ])('%s is accepted', (_, model) => {
    expect(() => checkModel(outline(model))).not.toThrow();
  });

  it.each([
    ['by another value of it', graph([nodeBytes('Div', ['x', 'y'], ['z'])])],
    [
      'by minus one',
      {
        ...graph([nodeBytes('Div', ['x', 'y'], ['z'])]),
        inputs: [valueBytes('x', int64, ['n'])],
        initializers: [minusOne],
      },
    ],
    ['by one, for the remainder', graph([nodeBytes('Mod', ['x', 'y'], ['z'])])],
    ['behind other operators', graph([nodeBytes('Neg', ['x'], ['a']), nodeBytes('Div', ['a', 'y'], ['z'])])],
    [
      'in a branch',
      graph([
        nodeBytes('If', ['c'], ['z'], {
          subgraphs: [graphBytes({ nodes: [nodeBytes('Div', ['x', 'y'], ['d'])], outputs: [valueBytes('d', int64)] })],
        }),
      ]),
    ],
  ])('of a request %s is refused', (_, model) => {
    expect(() => checkModel(outline(model))).toThrow(
      expect.objectContaining({
        code: 'UNIMPLEMENTED',
        message: expect.stringContaining('divides integers of a request by "y"'),
      }),
    );
  });
});

describe('checkExternalData', () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'external-data-')));
    await mkdir(join(root, 'model'));
    await writeFile(join(root, 'model', 'weights.bin'), new Uint8Array(64));
    await writeFile(join(root, 'secret.bin'), new Uint8Array(64));
    await symlink(join(root, 'secret.bin'), join(root, 'model', 'link.bin'));
    await symlink('weights.bin', join(root, 'model', 'near.bin'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const check = (entries: Readonly<Record<string, string>>): Promise<number> =>
    checkExternalData(outline({ ...identity, initializers: [tensorBytes('w', 1, [4], entries)] }), join(root, 'model'));

  it.each([
    [{ location: 'weights.bin' }],
    [{ location: 'weights.bin', offset: '48', length: '16' }],
    [{ location: 'near.bin', offset: '0' }],
  ])('accepts %j', async (entries) => {
    expect(await check(entries as Readonly<Record<string, string>>)).toBe(64);
  });

  it.each([
    [{ location: '../secret.bin' }, "is not in the model's folder"],
    [{ location: '/etc/hostname' }, "is not in the model's folder"],
    [{ location: 'link.bin' }, "is not in the model's folder"],
    [{}, "is not in the model's folder"],
    [{ location: 'missing.bin' }, 'not found'],
    [{ location: 'weights.bin', offset: '56' }, 'ends at byte 72; the file has 64'],
    [{ location: 'weights.bin', offset: '-16' }, 'the file has 64'],
    [{ location: 'weights.bin', length: '8' }, 'has 8 bytes, expected 16'],
  ])('refuses %j', async (entries, message) => {
    await expect(check(entries as Readonly<Record<string, string>>)).rejects.toThrow(message);
  });
});
