import { expect, it } from 'vitest';
import { graphBytes, modelBytes, nodeBytes, sequenceBytes, valueBytes } from './model-bytes.test-support.js';
import { readModelOutline } from './read-model-outline.js';
import { replaceZipMaps } from './replace-zip-maps.js';

const withZipMap = (...inputs: readonly string[]): Uint8Array =>
  modelBytes(
    graphBytes({
      nodes: [nodeBytes('ZipMap', inputs, ['scores'], { domain: 'ai.onnx.ml' })],
      inputs: [valueBytes('x', 1, ['batch', 2])],
      outputs: [sequenceBytes('scores')],
    }),
  );

it('makes a dense output of a ZipMap', () => {
  const bytes = withZipMap('x');
  const { graph } = readModelOutline(replaceZipMaps(bytes, readModelOutline(bytes)));
  expect(graph.nodes.map(({ operator, inputs, outputs }) => [operator, inputs, outputs])).toEqual([
    ['Identity', ['x'], ['scores']],
  ]);
  expect(graph.outputs.map(({ name, type }) => [name, type.kind])).toEqual([['scores', 'tensor']]);
});

it.each([[[]], [['x', 'x']]])('leaves a ZipMap of the inputs %j as it is', (inputs) => {
  const bytes = withZipMap(...inputs);
  expect(replaceZipMaps(bytes, readModelOutline(bytes))).toBe(bytes);
});
