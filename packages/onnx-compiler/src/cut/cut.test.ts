import { StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import type { Endpoint, SignatureGraph } from '../graph/graph.js';
import { outputOf, SmallGraph } from '../graph/small-graph.test-support.js';
import { kernelFor } from '../kernels/kernel-table.js';
import type { KernelStep, Refusal } from '../program/program.js';
import { type CutResult, cut } from './cut.js';

const options = { kernelFor, hasEmitter: (op: string) => !op.startsWith('Strange') };

function cutOf(graph: SignatureGraph): { result: CutResult; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  return { result: cut(graph, options, refusals), refusals };
}

/** `kernel OP` and `part INPUTS -> OUTPUTS`, by the ops of the endpoints. */
function stepsOf({ steps }: CutResult): string[] {
  const names = (endpoints: readonly { source: Endpoint }[]) => endpoints.map(({ source }) => source.node.op).join(' ');
  return steps.map((step) =>
    step.kind === 'kernel' ? `kernel ${step.op}` : `part ${names(step.part.inputs)} -> ${names(step.part.outputs)}`,
  );
}

function texts(...values: string[]): Tensor<'string'> {
  return { dtype: 'string', shape: [values.length], data: StringArray.from(values) };
}

/** Runs a signature of kernels alone. */
function run({ steps, inputs, outputs, valueCount }: CutResult, fed: readonly Tensor[]): Tensor[] {
  const values = new Array<Tensor | undefined>(valueCount);
  for (const [i, place] of inputs.entries()) values[place] = fed[i];
  for (const step of steps as KernelStep[]) {
    const results = step.kernel(
      step.inputs.map((place) => values[place]!),
      step.context,
    );
    for (const [i, place] of step.outputs.entries()) values[place] = results[i];
  }
  return outputs.map((output) => (typeof output === 'number' ? values[output]! : output.tensor()));
}

function weights(graph: SmallGraph): Endpoint {
  return graph.floats([2, 2], [1, 2, 3, 4]);
}

describe('cut', () => {
  it('a signature of numbers is one model', () => {
    const graph = new SmallGraph();
    const x = graph.input('x', [-1, 2]);
    const { result, refusals } = cutOf(graph.signature(graph.op('Relu', [graph.op('MatMul', [x, weights(graph)])])));
    expect(stepsOf(result)).toEqual(['part _Input -> Relu']);
    expect(refusals).toEqual([]);
  });

  it('strings run before the model that uses their numbers', () => {
    const graph = new SmallGraph();
    const [word, x] = [graph.input('word', [-1, 2], 'string'), graph.input('x', [-1, 2])];
    const same = graph.op('Equal', [word, graph.constant(texts('tea', 'milk'))], {}, ['bool']);
    const chosen = graph.op('SelectV2', [same, x, graph.op('Neg', [x])]);
    const { result } = cutOf(graph.signature(graph.op('MatMul', [chosen, weights(graph)])));
    expect(stepsOf(result)).toEqual(['kernel Equal', 'part _Input Equal -> MatMul']);
    expect(result.inputs).toEqual([0, 1]);
  });

  it('strings that come from numbers run after the model', () => {
    const graph = new SmallGraph();
    const x = graph.input('x', [-1, 2]);
    const scores = graph.op('MatMul', [x, weights(graph)]);
    const best = graph.op('ArgMax', [scores, graph.ints(1)], {}, ['int64']);
    const names = graph.op('GatherV2', [graph.constant(texts('no', 'yes')), best, graph.ints(0)]);
    const { result } = cutOf(graph.signature(names, scores));
    expect(stepsOf(result)).toEqual(['part _Input -> MatMul ArgMax', 'kernel GatherV2']);
    const [gather] = result.steps.filter((step) => step.kind === 'kernel');
    const indices: Tensor = { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 0n) };
    expect((gather!.kernel([indices], gather!.context)[0]!.data as StringArray).toStrings()).toEqual(['yes', 'no']);
  });

  it('numbers between strings are computed in TypeScript when all of them are there', () => {
    const graph = new SmallGraph();
    const words = graph.input('words', [-1], 'string');
    const count = graph.op('Size', [words], { out_type: { type: 'int32' } }, ['int32']);
    const last = graph.op('Sub', [count, graph.ints(1)]);
    const word = graph.op('GatherV2', [words, last, graph.ints(0)]);
    const { result } = cutOf(graph.signature(word));
    expect(stepsOf(result)).toEqual(['kernel Size', 'kernel Sub', 'kernel GatherV2']);
    expect((run(result, [texts('a', 'b')])[0]!.data as StringArray).toStrings()).toEqual(['b']);
  });

  it('a few numbers beside strings need no model', () => {
    const graph = new SmallGraph();
    const [words, x] = [graph.input('words', [-1], 'string'), graph.input('x', [-1])];
    const { result } = cutOf(graph.signature(graph.op('Reshape', [words, graph.ints([1, -1])]), graph.op('Neg', [x])));
    expect(stepsOf(result)).toEqual(['kernel Reshape', 'kernel Neg']);
  });

  it('an operation without an ONNX form runs in TypeScript when it has a kernel', () => {
    const graph = new SmallGraph();
    const x = graph.input('x', [-1, 2]);
    const strange = { kernelFor: (op: string) => kernelFor(op.replace('Strange', '')), hasEmitter: options.hasEmitter };
    const y = graph.op('MatMul', [graph.op('StrangeNeg', [x]), weights(graph)]);
    expect(stepsOf(cut(graph.signature(y), strange, []))).toEqual(['kernel StrangeNeg', 'part StrangeNeg -> MatMul']);
  });

  it('models and stages alternate up to three models', () => {
    const build = (times: number) => {
      const graph = new SmallGraph();
      let x = graph.input('x', [-1, 2]);
      for (let i = 0; i < times; i++) {
        const ids = graph.op('ArgMax', [graph.op('MatMul', [x, weights(graph)]), graph.ints(1)], {}, ['int64']);
        const name = graph.op('GatherV2', [graph.constant(texts('no', 'yes')), ids, graph.ints(0)]);
        const same = graph.op(
          'Equal',
          [graph.op('ExpandDims', [name, graph.ints(1)]), graph.constant(texts('no', 'yes'))],
          {},
          ['bool'],
        );
        x = graph.op('Cast', [same], { DstT: { type: 'float' } }, ['float']);
      }
      return cutOf(graph.signature(x));
    };
    const three = build(3);
    expect(three.refusals).toEqual([]);
    expect(three.result.steps.filter(({ kind }) => kind === 'part')).toHaveLength(3);
    expect(build(4).refusals).toEqual([
      expect.objectContaining({ reason: 'arithmetic and strings alternate: 4 models, at most 3 are supported' }),
    ]);
  });

  it('outputs may be inputs, constants and the same value twice', () => {
    const graph = new SmallGraph();
    const [x, constant] = [graph.input('x', [-1, 2]), weights(graph)];
    const y = graph.op('MatMul', [x, constant]);
    const { result } = cutOf(graph.signature(x, constant, y, y));
    expect(result.outputs).toEqual([0, constant.node.constant, 1, 1]);
    expect(stepsOf(result)).toEqual(['part _Input -> MatMul']);
  });

  it('a string operation without a kernel is refused by name', () => {
    const graph = new SmallGraph();
    const { refusals } = cutOf(graph.signature(graph.op('Unknown', [graph.input('x', [], 'string')])));
    expect(refusals).toEqual([{ op: 'Unknown', node: 'Unknown_0', reason: 'no ONNX operator' }]);
  });

  it('a condition on strings is checked before what follows it', () => {
    const graph = new SmallGraph();
    const words = graph.input('words', [-1], 'string');
    const isTea = graph.op('All', [
      graph.op('Equal', [words, graph.constant(texts('tea'))], {}, ['bool']),
      graph.ints(0),
    ]);
    const signature = graph.signature(graph.op('Reshape', [words, graph.ints([1])]));
    signature.guards.push({ condition: isTea, message: ['assertion failed: [not tea] ', words] });
    const { result } = cutOf(signature);
    expect(stepsOf(result)).toEqual(['kernel Equal', 'kernel All', 'kernel Assert', 'kernel Reshape']);
    expect((run(result, [texts('tea')])[0]!.data as StringArray).toStrings()).toEqual(['tea']);
    expect(() => run(result, [texts('milk', 'water')])).toThrow('assertion failed: [not tea] [milk water]');
  });

  it('a condition on numbers is checked by the model', () => {
    const graph = new SmallGraph();
    const x = graph.input('x', [-1, 2]);
    const y = graph.op('MatMul', [x, weights(graph)]);
    const signature = graph.signature(y);
    signature.guards.push({
      condition: graph.op('All', [graph.op('IsFinite', [y], {}, ['bool']), graph.ints([0, 1])]),
      message: [],
    });
    const { result } = cutOf(signature);
    expect(result.steps).toEqual([
      expect.objectContaining({ part: expect.objectContaining({ guards: signature.guards }) }),
    ]);
  });

  it('a loop over strings is one stage with the lists that it fills', () => {
    const graph = new SmallGraph();
    const words = graph.input('words', [-1], 'string');
    const table = graph.op('Reshape', [graph.input('table', [-1], 'string'), graph.ints([-1])]);
    const count = graph.op('Size', [words], { out_type: { type: 'int32' } }, ['int32']);
    const list = graph.op('TensorListReserve', [graph.ints([]), count], { element_dtype: { type: 'bool' } }, [
      'variant' as never,
    ]);
    const state = [graph.argument([], 'int32'), graph.argument(undefined, 'variant' as never)] as const;
    const item = graph.op(
      'Equal',
      [
        graph.op('GatherV2', [words, state[0], graph.ints(0)]),
        graph.op('GatherV2', [table, graph.ints(0), graph.ints(0)]),
      ],
      {},
      ['bool'],
    );
    const next = graph.op('TensorListSetItem', [state[1], state[0], item], {}, ['variant' as never]);
    const loop = graph.control('While', [graph.ints(0), list], {
      cond: { arguments: state.map(({ node }) => node), results: [graph.op('Less', [state[0], count], {}, ['bool'])] },
      body: { arguments: state.map(({ node }) => node), results: [graph.op('Add', [state[0], graph.ints(1)]), next] },
    });
    const flags = graph.op('TensorListStack', [outputOf(loop, 1), graph.ints([])], {}, ['bool']);
    const { result, refusals } = cutOf(graph.signature(flags));
    expect(refusals).toEqual([]);
    expect(stepsOf(result)).toEqual(
      expect.arrayContaining(['kernel TensorListReserve', 'kernel While', 'kernel TensorListStack']),
    );
    expect(run(result, [texts('a', 'b', 'a'), texts('a', 'c')])).toEqual([
      { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    ]);
  });

  it('a loop over strings with an operation that has no kernel is refused by that name', () => {
    const graph = new SmallGraph();
    const word = graph.input('word', [], 'string');
    const state = graph.argument([], 'string');
    const loop = graph.control('While', [word], {
      cond: { arguments: [state.node], results: [graph.op('Equal', [state, word], {}, ['bool'])] },
      body: { arguments: [state.node], results: [graph.op('Unknown', [state])] },
    });
    expect(cutOf(graph.signature(loop)).refusals).toEqual([
      expect.objectContaining({ op: 'Unknown', reason: 'no ONNX operator' }),
    ]);
  });
});
