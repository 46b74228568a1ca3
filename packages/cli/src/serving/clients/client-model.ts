/** A model as clients are written for it: its signatures, from a folder or a server. */
import { ServingError, type Version } from '@serving/core';
import { type DataType, isTensorDataType, type PartialShape, type TensorDataType } from '@serving/core/tensor';

/** An input or output. */
export interface ClientTensor {
  readonly alias: string;
  readonly dtype: TensorDataType;
  /** -1 where a size is not fixed; `undefined` is an unknown rank. */
  readonly shape: PartialShape;
  /** Whether a request in process may leave the input out; REST's may not. */
  readonly hasDefault: boolean;
}

export interface ClientSignature {
  readonly name: string;
  readonly methodName: string;
  /** Sorted by alias, like `outputs`. */
  readonly inputs: readonly ClientTensor[];
  readonly outputs: readonly ClientTensor[];
}

export interface ClientModel {
  readonly name: string;
  readonly version: Version | undefined;
  /** Sorted by name. */
  readonly signatures: readonly ClientSignature[];
  /** Signatures that no request can run, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/** A tensor as a model describes it, before it is known whether requests can carry it. */
export interface DescribedTensor {
  readonly alias: string;
  /** `undefined` for sparse and composite tensors. */
  readonly dtype: DataType | undefined;
  readonly shape: PartialShape;
  readonly hasDefault: boolean;
}

export interface DescribedSignature {
  readonly name: string;
  readonly methodName: string;
  readonly inputs: readonly DescribedTensor[];
  readonly outputs: readonly DescribedTensor[];
}

/** Sorts out which signatures a request can run. */
export function toClientModel(
  name: string,
  version: Version | undefined,
  described: readonly DescribedSignature[],
): ClientModel {
  const signatures: ClientSignature[] = [];
  const leftOut: { name: string; reason: string }[] = [];
  for (const signature of [...described].sort((a, b) => compare(a.name, b.name))) {
    const { inputs, outputs } = signature;
    const odd = [...inputs, ...outputs].find((tensor) => !isClientTensor(tensor));
    if (odd) leftOut.push({ name: signature.name, reason: `${odd.alias} is ${odd.dtype ?? 'no plain tensor'}` });
    else if (outputs.length === 0) leftOut.push({ name: signature.name, reason: 'it has no outputs' });
    else signatures.push({ ...signature, inputs: clientTensors(inputs), outputs: clientTensors(outputs) });
  }
  return { name, version, signatures, leftOut };
}

/**
 * The signature called `name`, which may be empty: `serving_default` then, or else the first.
 *
 * @throws ServingError `NOT_FOUND` when there is none that a request can run.
 */
export function chooseSignature(model: ClientModel, name: string): ClientSignature {
  const { signatures, leftOut } = model;
  const found =
    name === ''
      ? (signatures.find((signature) => signature.name === 'serving_default') ?? signatures[0])
      : signatures.find((signature) => signature.name === name);
  if (found) return found;
  const reason = leftOut.find((signature) => signature.name === name)?.reason;
  const known = signatures.map((signature) => signature.name).join(', ') || 'none';
  throw new ServingError(
    'NOT_FOUND',
    `Model ${model.name} has no signature ${name === '' ? '' : `${name} `}that a request can run` +
      `${reason === undefined ? '' : ` (${reason})`}; it has: ${known}`,
  );
}

/** The first tensor that REST's JSON has no form for; `undefined` when it can carry all of the signature. */
export function tensorWithoutJson({ inputs, outputs }: ClientSignature): ClientTensor | undefined {
  return [...inputs, ...outputs].find(({ dtype }) => !jsonDataTypes.has(dtype));
}

/** `float [-1, 8]`, as comments show it. */
export function tensorText({ dtype, shape }: ClientTensor): string {
  return `${dtype} ${shape === undefined ? 'of unknown rank' : `[${shape.join(', ')}]`}`;
}

const jsonDataTypes: ReadonlySet<TensorDataType> = new Set<TensorDataType>([
  'float',
  'double',
  'int8',
  'uint8',
  'int16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
]);

function isClientTensor(tensor: DescribedTensor): tensor is ClientTensor {
  return tensor.dtype !== undefined && isTensorDataType(tensor.dtype);
}

function clientTensors(tensors: readonly DescribedTensor[]): ClientTensor[] {
  return tensors.filter(isClientTensor).sort((a, b) => compare(a.alias, b.alias));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
