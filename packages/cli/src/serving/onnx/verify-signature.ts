/** Compares the answers of two engines to generated requests of a signature. */
import { type ErrorCode, ServingError } from '@serving/core';
import { printableLine, quoteName } from '@serving/core/extend';
import type { Tensor } from '@serving/core/tensor';
import type { Program } from '@serving/onnx-compiler';
import { generatedInput, seededRandom } from './generated-inputs.js';
import { type Tolerance, tensorDifference } from './tensor-difference.js';

/** Sizes of unknown dimensions, each in a request of its own. */
const SIZES = [1, 2, 7];

/** Answers a request of a signature: values in the order of its inputs, to results in that of its outputs. */
type AnswerRequest = (program: Program, values: readonly Tensor[]) => Promise<Tensor[]>;

/** How each engine answers for one model. */
export interface ComparedAnswers {
  readonly tensorflow: AnswerRequest;
  readonly onnx: AnswerRequest;
}

/** What a comparison came to. */
export interface Verification {
  /** Whether at least one request was answered by both, and no answer was beyond the tolerance. */
  readonly agrees: boolean;
  /** Lines for the user. */
  readonly text: string;
}

type Answer = readonly Tensor[] | { readonly code: ErrorCode; readonly message: string };
type Largest = { absolute: number; relative: number };

/** Runs a request for each size on both engines. */
export async function verifySignature(
  program: Program,
  answers: ComparedAnswers,
  { seed, tolerance }: { readonly seed: number; readonly tolerance: Tolerance },
): Promise<Verification> {
  const random = seededRandom(seed);
  const notes: string[] = [];
  const problems: string[] = [];
  const largest = program.outputs.map((): Largest => ({ absolute: 0, relative: 0 }));
  let compared = 0;
  for (const size of SIZES) {
    const values = program.inputs.map((input) => generatedInput(input, size, random));
    const expected = await answerOrError(answers.tensorflow, program, values);
    const got = await answerOrError(answers.onnx, program, values);
    if ('code' in expected || 'code' in got) {
      const isSame = 'code' in expected && 'code' in got && expected.code === got.code;
      const said = isSame
        ? `both answer ${answerText(expected)}`
        : `TensorFlow answers ${answerText(expected)}, ONNX Runtime ${answerText(got)}`;
      (isSame ? notes : problems).push(`size ${size}: ${said}`);
      continue;
    }
    compared++;
    for (const [i, { alias }] of program.outputs.entries()) {
      const { absolute, relative, beyond } = tensorDifference(expected[i]!, got[i]!, tolerance);
      largest[i]!.absolute = Math.max(largest[i]!.absolute, absolute);
      largest[i]!.relative = Math.max(largest[i]!.relative, relative);
      if (beyond !== undefined) problems.push(`size ${size}: output ${quoteName(alias)} is ${printableLine(beyond)}`);
    }
  }
  const agrees = compared > 0 && problems.length === 0;
  const verdict = agrees ? 'agrees' : compared === 0 && problems.length === 0 ? 'not compared' : 'differs';
  const outputs = program.outputs.map(({ alias }, i) => {
    const { absolute, relative } = largest[i]!;
    return `output ${quoteName(alias)}: at most ${shortNumber(absolute)} absolute, ${shortNumber(relative)} relative`;
  });
  const lines = [...(compared > 0 ? outputs : []), ...notes, ...problems];
  const head = `signature ${quoteName(program.signature)}: ${verdict} (seed ${seed}, ${compared} of ${SIZES.length} requests answered)\n`;
  return { agrees, text: head + lines.map((line) => `  ${line}\n`).join('') };
}

const shortNumber = (value: number): string =>
  value > 0 && value < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(3)));

const answerText = (answer: Answer): string =>
  'code' in answer ? `${answer.code} (${printableLine(answer.message.split('\n')[0]!)})` : 'tensors';

async function answerOrError(answer: AnswerRequest, program: Program, values: readonly Tensor[]): Promise<Answer> {
  try {
    return await answer(program, values);
  } catch (error) {
    const { code, message } = ServingError.from(error);
    return { code, message };
  }
}
