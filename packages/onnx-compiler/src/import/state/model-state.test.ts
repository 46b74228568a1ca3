import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attribute, SavedModelBuilder } from '../../../../test-doubles/src/saved-model-builder.js';
import type { TableContents } from '../../graph/graph.js';
import { openModel } from '../open-model.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'state-'));
  model = new SavedModelBuilder();
});

afterEach(() => rm(directory, { recursive: true }));

const strings = (...values: string[]): Tensor => ({
  dtype: 'string',
  shape: [values.length],
  data: StringArray.from(values),
});
const numbers = (...values: number[]): Tensor => ({
  dtype: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const tableTypes = { key_dtype: attribute.type('string'), value_dtype: attribute.type('int64') };

function table(name: string): string {
  return model.node('HashTableV2', [], { ...tableTypes, shared_name: attribute.text(name) });
}

function fill(handle: string, keys: Tensor, values: Tensor): string {
  const types = { Tkey: attribute.type('string'), Tval: attribute.type('int64') };
  return model.node('InitializeTableV2', [handle, model.constant(keys), model.constant(values)], types);
}

/** A signature that looks words up. */
function lookUp(handle: string): void {
  const words = model.placeholder('words', 'string', [-1]);
  const missing = model.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(-1n) });
  const types = { Tin: attribute.type('string'), Tout: attribute.type('int64') };
  const ids = model.node('LookupTableFindV2', [handle, 'words', missing], types);
  model.signature({ words }, { ids: { tensor: `${ids}:0`, dtype: 'int64', shape: [-1] } });
}

async function contents(): Promise<TableContents> {
  await model.write(directory);
  const { graph, refusals } = (await openModel(directory, ['serve'])).importSignature('serving_default');
  expect(refusals).toEqual([]);
  const { node } = graph!.outputs[0]!.source;
  expect(node.inputs.map((input) => input.node.op)).toEqual(['_Input', 'Const']);
  return node.table!;
}

async function refusal(): Promise<string | undefined> {
  await model.write(directory);
  return (await openModel(directory, ['serve'])).importSignature('serving_default').refusals[0]?.reason;
}

describe('tables', () => {
  it('hold what the initialisation puts in', async () => {
    const handle = table('t');
    model.initOp(model.node('NoOp', [`^${fill(handle, strings('a', 'b'), numbers(5, 6))}`]));
    lookUp(handle);
    expect(await contents()).toEqual({ name: 't', keys: strings('a', 'b'), values: numbers(5, 6) });
  });

  it('of one shared name are one table, filled once', async () => {
    const [first, second] = [table('t'), table('t')];
    const fills = [fill(first, strings('a'), numbers(1)), fill(second, strings('a'), numbers(1))];
    model.initOp(
      model.node(
        'NoOp',
        fills.map((name) => `^${name}`),
      ),
    );
    lookUp(second);
    expect((await contents()).keys).toEqual(strings('a'));
  });

  it('may have a key twice with one value', async () => {
    const handle = table('t');
    model.initOp(fill(handle, strings('a', 'b', 'a'), numbers(1, 2, 1)));
    lookUp(handle);
    expect(await contents()).toEqual({ name: 't', keys: strings('a', 'b'), values: numbers(1, 2) });
  });

  it('are refused with two values for a key', async () => {
    const handle = table('t');
    model.initOp(fill(handle, strings('a', 'a'), numbers(1, 2)));
    lookUp(handle);
    expect(await refusal()).toBe('HashTable has different value for same key. Key a has 1 and trying to add value 2');
  });

  it('are refused when nothing fills them', async () => {
    lookUp(table('t'));
    expect(await refusal()).toBe('table t is never initialised');
  });

  it('are read from an asset whose path goes through a variable', async () => {
    const handle = table('t');
    const path = model.asset('words.txt', 'x\ny\n');
    const string = { dtype: attribute.type('string') };
    const variable = model.node('VarHandleOp', [], {
      ...string,
      shape: attribute.shape([]),
      shared_name: attribute.text('path'),
    });
    const assigned = model.node('AssignVariableOp', [variable, path], string);
    const read = model.node('ReadVariableOp', [variable, `^${assigned}`], string);
    const file = { key_index: attribute.int(-2), value_index: attribute.int(-1) };
    model.initOp(model.node('InitializeTableFromTextFileV2', [handle, read], file));
    lookUp(handle);
    expect(await contents()).toEqual({ name: 't', keys: strings('x', 'y'), values: numbers(0, 1) });
  });
});

describe('opening a model', () => {
  it('refuses an initialisation that can not be followed', async () => {
    model.initOp(model.node('QueueEnqueueV2', []));
    model.signature({}, {});
    await model.write(directory);
    await expect(openModel(directory, ['serve'])).rejects.toThrow(/QueueEnqueueV2 .*can't be followed/);
  });

  it('names the signatures that requests may ask for', async () => {
    model.initOp(model.node('NoOp', []));
    model.signature({}, {}, 'a');
    model.signature({}, {}, 'b');
    await model.write(directory);
    const opened = await openModel(directory, ['serve']);
    expect(opened.signatureNames).toEqual(['a', 'b']);
    expect(() => opened.importSignature('c')).toThrow(/Unknown signature "c"; the model has .*"a", "b"/);
  });

  it('finds no meta graph of other tags', async () => {
    await model.write(directory);
    await expect(openModel(directory, ['gpu'])).rejects.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
