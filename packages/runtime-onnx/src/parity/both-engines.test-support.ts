/** Runs operations on TensorFlow and on ONNX Runtime, all cases of a call from one SavedModel. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { Session } from '@serving/engine';
import { type CompileOptions, compileSavedModel, refusalError } from '@serving/onnx-compiler';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { attribute, SavedModelBuilder, type SignatureTensor } from '../../../test-doubles/src/saved-model-builder.js';
import { openOnnxContext } from '../open-onnx-context.js';
import { ProgramSession } from '../program/program-session.js';
import { type Answer, difference } from './compare.test-support.js';
import {
  caseAttributes,
  caseOutputs,
  declaredShape,
  firstOutput,
  isConstant,
  type OpCase,
  type Tolerance,
  tensorOf,
} from './op-case.test-support.js';

/** What came of a case. */
export interface ComparedCase {
  readonly case: OpCase;
  readonly expected: Answer;
  readonly got: Answer;
  /** `undefined` where the answers agree. */
  readonly difference: string | undefined;
}

/** A run of a signature: names of its tensors, and what is fed. */
export interface CaseTensors {
  readonly feeds: readonly string[];
  readonly fetches: readonly string[];
  readonly values: readonly Tensor[];
}

const runtime = tensorflowRuntime({ runMode: 'inline' });

/** A graph with more cases takes longer for each of them. */
const CASES_PER_MODEL = 64;

/** Has both engines answer each case. */
export async function compareCases(cases: readonly OpCase[]): Promise<ComparedCase[]> {
  const results: ComparedCase[] = [];
  for (let start = 0; start < cases.length; start += CASES_PER_MODEL) {
    results.push(...(await compareGroup(cases.slice(start, start + CASES_PER_MODEL))));
  }
  return results;
}

/** Cases with a node that TensorFlow doesn't load are reported as that. */
async function compareGroup(cases: readonly OpCase[]): Promise<ComparedCase[]> {
  const rejected = new Map<OpCase, Answer>();
  for (;;) {
    const loadable = cases.filter((each) => !rejected.has(each));
    try {
      const compared = await compareLoadable(loadable);
      const results = new Map(compared.map((result) => [result.case, result]));
      return cases.map((each) => results.get(each) ?? rejectedCase(each, rejected.get(each)!));
    } catch (error) {
      const { code, message } = ServingError.from(error);
      const [, index] = /case(\d+)\/op/.exec(message) ?? [];
      if (index === undefined) throw error;
      rejected.set(loadable[Number(index)]!, { code, message });
    }
  }
}

const rejectedCase = (of: OpCase, expected: Answer): ComparedCase => ({
  case: of,
  expected,
  got: [],
  difference: `TensorFlow doesn't load it: ${'message' in expected ? expected.message.split('\n')[0] : ''}`,
});

async function compareLoadable(cases: readonly OpCase[]): Promise<ComparedCase[]> {
  const directory = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const model = new SavedModelBuilder();
    const tensors = cases.map((each, i) => addCase(model, each, `case${i}`));
    await model.write(directory);
    const expected = await answersOf(await runtime.load(directory, ['serve'], { intraOpThreads: 1 }), tensors);
    const got = new Array<Answer>(cases.length);
    for (const group of byOptions(cases)) {
      const session = await onnxSession(directory, cases[group[0]!]!.options ?? {});
      const answers = await answersOf(
        session,
        group.map((i) => tensors[i]!),
        UNTIL_KEPT,
      );
      for (const [at, i] of group.entries()) got[i] = answers[at]!;
    }
    return cases.map((each, i) => ({
      case: each,
      expected: expected[i]!,
      got: got[i]!,
      difference: difference(expected[i]!, got[i]!, each.tolerance),
    }));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Has both engines answer runs of a model. Returns what each run's answers differ in; `undefined` where they agree. */
export async function compareModel(
  model: SavedModelBuilder,
  runs: readonly CaseTensors[],
  tolerance?: Tolerance,
): Promise<(string | undefined)[]> {
  const directory = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    await model.write(directory);
    const expected = await answersOf(await runtime.load(directory, ['serve'], { intraOpThreads: 1 }), runs);
    const got = await answersOf(await onnxSession(directory, {}), runs, UNTIL_KEPT);
    return runs.map((_, i) => difference(expected[i]!, got[i]!, tolerance));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Indices of the cases that are compiled with the same options. */
function byOptions(cases: readonly OpCase[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [i, { options = {} }] of cases.entries()) {
    const key = JSON.stringify(options);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  return [...groups.values()];
}

function addCase(model: SavedModelBuilder, of: OpCase, name: string): CaseTensors {
  const signatureInputs: Record<string, SignatureTensor> = {};
  const values: Tensor[] = [];
  const inputs = of.inputs.map((input, i) => {
    const tensor = tensorOf(input);
    if (isConstant(input)) return model.constant(tensor, `${name}/c${i}`);
    const placeholder = model.placeholder(`${name}/x${i}`, tensor.dtype, declaredShape(input));
    signatureInputs[`x${i}`] = placeholder;
    values.push(tensor);
    return placeholder.tensor;
  });
  let node = model.node(of.op, inputs, caseAttributes(of), `${name}/op`);
  const type = firstOutput(of);
  for (const [i, op] of (of.followedBy ?? []).entries()) {
    node = model.node(
      op,
      [node],
      { [op.endsWith('FFT') ? 'Tcomplex' : 'T']: attribute.type(type) },
      `${name}/after${i}`,
    );
  }
  const outputs = caseOutputs(of).map((dtype, i) => ({ tensor: `${node}:${i}`, dtype, shape: undefined }));
  model.signature(signatureInputs, Object.fromEntries(outputs.map((output, i) => [`y${i}`, output])), name);
  return {
    feeds: Object.values(signatureInputs).map(({ tensor }) => tensor),
    fetches: outputs.map(({ tensor }) => tensor),
    values,
  };
}

async function onnxSession(directory: string, options: CompileOptions): Promise<Session> {
  const { programs, refused } = await compileSavedModel(directory, ['serve'], options);
  const errors = refused.map((each) => ({ ...each, error: refusalError([each]) }));
  return ProgramSession.load(programs, {
    context: await openOnnxContext({ runMode: 'inline' }),
    options: {},
    refused: errors,
  });
}

/** The last of so many runs writes its outputs into memory that the ones before it have led to. */
const UNTIL_KEPT = 3;

/** What the last of so many runs of each case answers. */
async function answersOf(session: Session, cases: readonly CaseTensors[], times = 1): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { feeds, fetches, values } of cases) {
    try {
      const run = session.prepare(feeds, fetches);
      for (let i = 1; i < times; i++) await run.run(values);
      answers.push(await run.run(values));
    } catch (error) {
      const { code, message } = ServingError.from(error);
      answers.push({ code, message });
    }
  }
  await session.close();
  return answers;
}
