import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foldConstants } from '../fold/fold-constants.js';
import { textAttribute } from '../graph/attribute-readers.js';
import { allNodes } from '../graph/rewire.js';
import { openModel } from '../import/open-model.js';
import { rewrite } from '../rewrite/rewrite.js';
import { type RecurrentModelOptions, recurrentModel } from './recurrent-model.test-support.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recurrent-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function rewritten(options: RecurrentModelOptions) {
  await recurrentModel(options).write(directory);
  const { graph, refusals } = (await openModel(directory, ['serve'])).importSignature('serving_default');
  expect(refusals).toEqual([]);
  foldConstants(graph!);
  const found = rewrite(graph!);
  const nodes = allNodes(graph!);
  return {
    found: found.recurrent,
    loops: nodes.filter(({ op }) => op === 'While'),
    layer: nodes.find(({ op }) => op === '_Recurrent'),
  };
}

describe('loops of recurrent layers', () => {
  it.each<[RecurrentModelOptions, string]>([
    [{ cell: 'lstm' }, 'LSTM'],
    [{ cell: 'lstm', returns: 'last' }, 'LSTM'],
    [{ cell: 'lstm', gates: 'hard_sigmoid', activation: 'Relu' }, 'LSTM'],
    [{ cell: 'lstm', masked: 'repeat' }, 'LSTM'],
    [{ cell: 'gru-after', masked: 'zeros' }, 'GRU'],
    [{ cell: 'gru-before', gates: 'older_hard_sigmoid' }, 'GRU'],
    [{ cell: 'simple' }, 'RNN'],
  ])('become one operation for %j', async (options, kind) => {
    const { found, loops, layer } = await rewritten(options);
    expect([found, loops.length]).toEqual([1, 0]);
    expect(textAttribute(layer!.attributes, 'kind')).toBe(kind);
    expect(textAttribute(layer!.attributes, 'masked')).toBe(options.masked ?? 'none');
  });

  it.each<RecurrentModelOptions>([
    { cell: 'lstm', unusual: true },
    { cell: 'gru-after', unusual: true },
    { cell: 'simple', unusual: true },
    { cell: 'lstm', dtype: 'double' },
  ])('stay loops for another cell or type: %j', async (options) => {
    const { found, loops } = await rewritten(options);
    expect([found, loops.length]).toEqual([0, 1]);
  });
});
