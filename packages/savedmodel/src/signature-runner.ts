/** One signature of a loaded SavedModel with one choice of outputs, ready to run. */
import { ServingError } from '@serving/core';
import type { RunOptions, SignatureDef, TensorInfo } from '@serving/core/extend';
import {
  dataTypeEnumName,
  dataTypeFromNumber,
  isTensorDataType,
  type NamedTensors,
  type Tensor,
} from '@serving/core/tensor';
import type { PreparedRun, Session } from '@serving/engine';

/** Translates aliases to the graph's tensors once, so that a run only moves tensors. */
export class SignatureRunner {
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];
  readonly #prepared: PreparedRun;
  readonly #name: (results: readonly Tensor[]) => NamedTensors;

  /**
   * @param outputs aliases of the signature's, in the order in which they are fetched.
   * @throws ServingError `INVALID_ARGUMENT` for an input that can't be fed and for an unknown output, `UNIMPLEMENTED` for a
   * type of tensor that we can't hold, and what {@link Session.prepare} throws.
   */
  constructor(session: Session, signatureName: string, def: SignatureDef, outputs: readonly string[]) {
    this.#inputs = [...def.inputs.keys()];
    this.#outputs = outputs;
    const feeds = Array.from(def.inputs, ([alias, info]) =>
      tensorName(info, `input ${alias} of signature ${signatureName}`, 'INVALID_ARGUMENT'),
    );
    const fetches = outputs.map((alias) => {
      const info = def.outputs.get(alias);
      if (!info) throw new ServingError('INVALID_ARGUMENT', `output tensor alias not found in signature: ${alias}`);
      return tensorName(info, `output ${alias} of signature ${signatureName}`, 'UNIMPLEMENTED');
    });
    this.#prepared = session.prepare(feeds, fetches);
    this.#name = (results) => {
      const named: NamedTensors = Object.create(null);
      for (let i = 0; i < results.length; i++) named[this.#outputs[i]!] = results[i]!;
      return named;
    };
  }

  /**
   * Runs with one tensor per input of the signature. Further members of `inputs` are not looked at.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a missing input, and the runtime's errors, thrown or rejected
   */
  run(inputs: NamedTensors, options: RunOptions | undefined): NamedTensors | Promise<NamedTensors> {
    const results = this.#prepared.run(this.#values(inputs), options);
    return results instanceof Promise ? results.then(this.#name) : this.#name(results);
  }

  #values(inputs: NamedTensors): Tensor[] {
    const values: Tensor[] = [];
    for (const alias of this.#inputs) {
      const value = inputs[alias];
      if (value === undefined) throw new ServingError('INVALID_ARGUMENT', `Missing input: ${alias}`);
      values.push(value);
    }
    return values;
  }
}

/** The tensor of the graph behind an alias. A type without a name is left to the runtime, which knows the graph's. */
function tensorName(info: TensorInfo, where: string, notPlain: 'INVALID_ARGUMENT' | 'UNIMPLEMENTED'): string {
  if (info.name === undefined) {
    const form = info.cooSparse ? 'a sparse tensor' : info.compositeTensor ? 'a composite tensor' : 'without a tensor';
    throw new ServingError(notPlain, `The ${where} is ${form}; only plain tensors can be fed and fetched`);
  }
  const dtype = dataTypeFromNumber(info.dtype) ?? 'invalid';
  if (dtype !== 'invalid' && !isTensorDataType(dtype)) {
    throw new ServingError(
      'UNIMPLEMENTED',
      `The ${where} has type ${dataTypeEnumName(info.dtype)}, which can't be fed or fetched`,
    );
  }
  return info.name;
}
