/** What a model's signatures compile to, as text. */
import { printableLine, quoteName } from '@serving/core/extend';
import { formatPartialShape } from '@serving/core/tensor';
import type {
  CompiledSavedModel,
  KernelStep,
  ModelStep,
  Program,
  ProgramInput,
  ProgramTensor,
  RefusedSignature,
} from '@serving/onnx-compiler';

/** A paragraph for each signature. */
export function compiledText({ programs, refused }: CompiledSavedModel): string {
  return [...programs.map(programText), ...refused.map(refusedText)].join('\n');
}

/** A number of bytes in the unit that suits it. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

/** A tensor of a signature or a model; ids have their range. */
export function tensorText(
  name: string,
  { dtype, shape, range }: Omit<ProgramTensor, 'alias' | 'tensor' | 'batched'> & Pick<ProgramInput, 'range'>,
): string {
  const ids = range === undefined ? '' : `, ids from ${range.min} to ${range.max}`;
  return `${quoteName(name)}: ${dtype} ${formatPartialShape(shape)}${ids}`;
}

function programText({ signature, inputs, outputs, steps, batchable }: Program): string {
  const lines = [
    `signature ${quoteName(signature)}: compiles${batchable ? ', requests may run in batches' : ''}`,
    ...inputs.map((input) => `  input ${tensorText(input.alias, input)}`),
    ...outputs.map((output) => `  output ${tensorText(output.alias, output)}`),
    ...stageTexts(steps).map((text, i) => `  ${i + 1}. ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}

function refusedText({ signature, refusals }: RefusedSignature): string {
  const reasons = new Set(
    refusals.map(({ op, node, reason }) => `  ${printableLine(`${op} (node ${node}): ${reason}`)}\n`),
  );
  return `signature ${quoteName(signature)}: refused\n${[...reasons].join('')}`;
}

/** Operations in TypeScript that follow each other are one stage. */
function stageTexts(steps: readonly (ModelStep | KernelStep)[]): string[] {
  const texts: string[] = [];
  let stage: string[] = [];
  const endStage = (): void => {
    if (stage.length > 0) texts.push(`stage in TypeScript: ${printableLine(stage.join(', '))}`);
    stage = [];
  };
  for (const step of steps) {
    if (step.kind === 'kernel') {
      stage.push(step.op);
      continue;
    }
    endStage();
    texts.push(modelText(step));
  }
  endStage();
  return texts;
}

function modelText({ model, externalWeights, nodeNames, guards }: ModelStep): string {
  const files = new Map(externalWeights.map(({ path, offset, length }) => [`${offset}+${length} ${path}`, length]));
  const inFiles = [...files.values()].reduce((sum, length) => sum + length, 0);
  const weights = `${bytesText(model.length)} and ${bytesText(inFiles)} of weights in files`;
  return `ONNX model: ${nodeNames.size} nodes, ${weights}${guards.length === 0 ? '' : `, ${guards.length} guards`}`;
}
