/** Runs a signature whose stages were written to a file. */
import { ServingError } from '@serving/core/portable';
import { elementCount, formatPartialShape, isCompatibleShape, type Tensor } from '@serving/core/tensor';
import type { Kernel, KernelContext } from '../kernels/kernel.js';
import { portableKernels } from '../kernels/portable-kernels.js';
import { withConstants } from '../kernels/with-constants.js';
import { attributesFromJson } from './attribute-json.js';
import { STAGES_VERSION, type StagedOperation, type StagedTensor, type StagesFile } from './stages-file.js';
import { tensorFromJson } from './tensor-json.js';

/** Runs the ONNX model: takes its inputs by name, and returns its outputs by name. */
export type RunOnnxModel = (
  inputs: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Tensor>>> | Readonly<Record<string, Tensor>>;

type Values = Map<number, Tensor>;
type Step = (values: Values, runModel: RunOnnxModel) => void | Promise<void>;

/** A signature whose stages run in JavaScript, and whose arithmetic runs in an ONNX model of the caller's. */
export class StagedSignature {
  readonly name: string;
  readonly #file: StagesFile;
  readonly #steps: readonly Step[];
  readonly #constants: ReadonlyMap<string, Tensor>;

  private constructor(file: StagesFile) {
    this.name = file.signature;
    this.#file = file;
    this.#steps = file.steps.map((step) => ('model' in step ? modelStep(step.model) : kernelStep(step)));
    this.#constants = new Map(
      file.outputs.flatMap((output) =>
        'constant' in output ? [[output.alias, tensorFromJson(output.constant)] as const] : [],
      ),
    );
  }

  /**
   * Opens what `serving onnx --stages` wrote.
   *
   * @param file its parsed JSON
   * @throws ServingError `INVALID_ARGUMENT` for another value or version, `UNIMPLEMENTED` for an operation that this version lacks.
   */
  static open(file: unknown): StagedSignature {
    const { stagesVersion } = (typeof file === 'object' && file !== null ? file : {}) as Partial<StagesFile>;
    if (stagesVersion === STAGES_VERSION) return new StagedSignature(file as StagesFile);
    throw ServingError.invalidArgument(
      `Expected a file of stages with stagesVersion ${STAGES_VERSION}, got stagesVersion ${stagesVersion}`,
    );
  }

  /**
   * Runs the signature: all inputs by their aliases, to all outputs by theirs.
   *
   * @throws ServingError `INVALID_ARGUMENT` for inputs that the signature doesn't take, and what a stage fails of; what `runModel` throws.
   */
  async run(inputs: Readonly<Record<string, Tensor>>, runModel: RunOnnxModel): Promise<Record<string, Tensor>> {
    const values: Values = new Map();
    for (const input of this.#file.inputs) values.set(input.value, checked(input, inputs[input.alias]));
    for (const step of this.#steps) await step(values, runModel);
    return Object.fromEntries(
      this.#file.outputs.map((output) => [
        output.alias,
        'value' in output ? values.get(output.value)! : this.#constants.get(output.alias)!,
      ]),
    );
  }
}

function checked({ alias, dtype, shape }: StagedTensor, value: Tensor | undefined): Tensor {
  const expected = `${dtype} of shape ${formatPartialShape(shape ?? undefined)}`;
  if (value === undefined) throw ServingError.invalidArgument(`Input "${alias}" is missing; it is ${expected}`);
  if (value.dtype === dtype && isCompatibleShape(value.shape, shape ?? undefined)) return value;
  throw ServingError.invalidArgument(
    `Input "${alias}" is ${value.dtype} of shape [${value.shape}]; the signature expects ${expected}`,
  );
}

function modelStep({ inputs, outputs }: Extract<StagesFile['steps'][number], { model: unknown }>['model']): Step {
  return async (values, runModel) => {
    const feeds = Object.fromEntries(inputs.map(({ name, value }) => [name, values.get(value)!]));
    for (const [name, { shape }] of Object.entries(feeds)) {
      if (elementCount(shape) > 0) continue;
      throw new ServingError(
        'UNIMPLEMENTED',
        `"${name}" of shape [${shape}] has no elements, which ONNX Runtime can't take`,
      );
    }
    const results = await runModel(feeds);
    for (const { name, value } of outputs) {
      const result = results[name];
      if (result === undefined) throw ServingError.invalidArgument(`The ONNX model returned no output "${name}"`);
      values.set(value, result);
    }
  };
}

function kernelStep(step: StagedOperation): Step {
  const { op, node, inputs, outputs, table } = step;
  const factory = portableKernels.get(op);
  if (factory === undefined) throw new ServingError('UNIMPLEMENTED', `${op} (node ${node}) does not run in a browser`);
  const constants = step.constants.map((constant) => (constant === null ? undefined : tensorFromJson(constant)));
  const context: KernelContext = {
    attributes: attributesFromJson(step.attributes),
    node,
    constants,
    ...(table && {
      table: { name: table.name, keys: tensorFromJson(table.keys), values: tensorFromJson(table.values) },
    }),
  };
  const kernel: Kernel = withConstants(factory(context), constants);
  return (values) => {
    const results = kernel(
      inputs.map((value) => values.get(value)!),
      context,
    );
    for (const [i, value] of outputs.entries()) values.set(value, results[i]!);
  };
}
