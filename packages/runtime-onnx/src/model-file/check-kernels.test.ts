import { describe, expect, it } from 'vitest';
import { checkModel } from './check-model.js';
import { graphBytes, modelBytes, nodeBytes, tensorBytes, valueBytes } from './model-bytes.test-support.js';
import { readModelOutline } from './read-model-outline.js';

const microsoft = { domain: 'com.microsoft' };
const inverse = nodeBytes('Inverse', ['x'], ['y'], microsoft);

const check = (node: Uint8Array, dims: readonly (number | string)[], initializers: readonly Uint8Array[] = []) =>
  checkModel(
    readModelOutline(
      modelBytes(
        graphBytes({ nodes: [node], inputs: [valueBytes('x', 1, dims)], outputs: [valueBytes('y', 1)], initializers }),
      ),
    ),
  );

describe('a model with an operator that would not survive every request', () => {
  it.each([
    ['of free sizes', inverse, ['n', 'n']],
    ['of one free size', inverse, [3, 'n']],
    ['of other sizes', inverse, [2, 3]],
    ['of a vector', inverse, [3]],
    ['of what a node returns', nodeBytes('Inverse', ['z'], ['y'], microsoft), [3, 3]],
    ['in a branch', nodeBytes('If', ['c'], ['y'], { subgraphs: [graphBytes({ nodes: [inverse] })] }), ['n', 3]],
  ])('is refused: an inverse %s', (_, node, dims) => {
    expect(() => check(node, dims)).toThrow(
      expect.objectContaining({
        code: 'UNIMPLEMENTED',
        message:
          'Inverse (node without a name) inverts matrices that are not declared to be square: others would end the process',
      }),
    );
  });

  it('is refused: the inverse of one side of a spectrum', () => {
    expect(() => check(nodeBytes('DFT', ['x'], ['y'], { ints: { onesided: 1, inverse: 1 } }), [1, 6, 2])).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining('one side of a spectrum') }),
    );
  });

  it.each([
    ['length', 'DFT', ['x', 'n']],
    ['axis', 'DFT', ['x', '', 'n']],
    ['step', 'STFT', ['x', 'n', 'w']],
    ['length of frames', 'STFT', ['x', '', 'w', 'n']],
  ])('is refused: a transform whose %s is not constant', (_, operator, inputs) => {
    expect(() => check(nodeBytes(operator, inputs, ['y']), [1, 6, 2])).toThrow('takes a length or axis from "n"');
  });
});

it('lets a transform along a constant axis through', () => {
  const axis = tensorBytes('axis', 7, [], new Uint8Array(8));
  expect(() => check(nodeBytes('DFT', ['x', '', 'axis'], ['y']), [1, 6, 2], [axis])).not.toThrow();
});

it.each([
  ['an inverse of square matrices', inverse, ['batch', 3, 3]],
  ['an operator of the same name in another domain', nodeBytes('Inverse', ['x'], ['y'], { domain: 'own' }), ['n', 3]],
  ['one side of a spectrum', nodeBytes('DFT', ['x'], ['y'], { ints: { onesided: 1, inverse: 0 } }), ['n', 6, 1]],
  ['the inverse of a whole spectrum', nodeBytes('DFT', ['x'], ['y'], { ints: { inverse: 1 } }), ['n', 6, 2]],
])('is let through: %s', (_, node, dims) => {
  expect(() => check(node, dims)).not.toThrow();
});

it('lets an inverse of a square constant through', () => {
  const constant = tensorBytes('w', 1, [2, 2], new Uint8Array(16));
  expect(() => check(nodeBytes('Inverse', ['w'], ['y'], microsoft), ['n'], [constant])).not.toThrow();
});
