/** The inputs and outputs of a session's model. */
import type { PartialShape, TensorDataType } from '@serving/core/tensor';
import { type Address, textAt, WordArray } from '@serving/engine/native';
import type { OnnxRuntimeApi } from '../native/c-api.js';
import { dtypeOfElementType, elementTypeName } from '../native/element-types.js';
import { NativeWord } from '../native/native-word.js';

/** An input or output. */
export interface OnnxTensorInfo {
  readonly name: string;
  /** `undefined` for what is not a tensor of one of our dtypes. */
  readonly dtype: TensorDataType | undefined;
  /** What it is, for messages: `float`, `int4`, `sequence`. */
  readonly type: string;
  /** `-1` for an unknown dimension. ONNX Runtime does not distinguish an unknown rank from a scalar. */
  readonly shape: PartialShape;
  /** Names of dimensions, `''` for those without. */
  readonly dimensionNames: readonly string[];
}

const ONNX_TYPES = ['unknown', 'tensor', 'sequence', 'map', 'opaque', 'sparse tensor', 'optional'];
const TENSOR = 1;

/** Describes a session's inputs and outputs, in the model's order. */
export function describeTensors(
  api: OnnxRuntimeApi,
  session: Address,
): { readonly inputs: readonly OnnxTensorInfo[]; readonly outputs: readonly OnnxTensorInfo[] } {
  const { functions } = api;
  return {
    inputs: describeAll(api, session, {
      count: functions.sessionGetInputCount,
      name: functions.sessionGetInputName,
      typeInfo: functions.sessionGetInputTypeInfo,
    }),
    outputs: describeAll(api, session, {
      count: functions.sessionGetOutputCount,
      name: functions.sessionGetOutputName,
      typeInfo: functions.sessionGetOutputTypeInfo,
    }),
  };
}

interface Direction {
  readonly count: OnnxRuntimeApi['functions']['sessionGetInputCount'];
  readonly name: OnnxRuntimeApi['functions']['sessionGetInputName'];
  readonly typeInfo: OnnxRuntimeApi['functions']['sessionGetInputTypeInfo'];
}

function describeAll(api: OnnxRuntimeApi, session: Address, direction: Direction): OnnxTensorInfo[] {
  const { statuses, functions, libc, defaultAllocator } = api;
  const word = new NativeWord();
  statuses.throwIfFailed(direction.count(session, word.address));
  return Array.from({ length: word.take() }, (_, i) => {
    statuses.throwIfFailed(direction.name(session, i, defaultAllocator, word.address));
    const text = word.take();
    const name = textAt(libc, text);
    statuses.throwIfFailed(functions.allocatorFree(defaultAllocator, text));
    statuses.throwIfFailed(direction.typeInfo(session, i, word.address));
    const typeInfo = word.take();
    try {
      return { name, ...describeType(api, typeInfo, word) };
    } finally {
      functions.releaseTypeInfo(typeInfo);
    }
  });
}

function describeType(api: OnnxRuntimeApi, typeInfo: Address, word: NativeWord): Omit<OnnxTensorInfo, 'name'> {
  const { functions, statuses, libc } = api;
  statuses.throwIfFailed(functions.getOnnxType(typeInfo, word.address));
  const kind = word.takeInt();
  if (kind !== TENSOR) {
    const type = ONNX_TYPES[kind] ?? `type ${kind}`;
    return { dtype: undefined, type, shape: undefined, dimensionNames: [] };
  }
  statuses.throwIfFailed(functions.castTypeInfoToTensorInfo(typeInfo, word.address));
  // Part of the type information.
  const info = word.take();
  statuses.throwIfFailed(functions.getElementType(info, word.address));
  const elementType = word.takeInt();
  statuses.throwIfFailed(functions.getDimensionsCount(info, word.address));
  const rank = word.take();
  const sizes = new BigInt64Array(rank);
  const names = new WordArray(rank);
  if (rank > 0) {
    const dims = new WordArray(rank);
    statuses.throwIfFailed(functions.getDimensions(info, dims.address, rank));
    libc.copyOut(sizes, dims.address, sizes.byteLength);
    statuses.throwIfFailed(functions.getSymbolicDimensions(info, names.address, rank));
  }
  return {
    dtype: dtypeOfElementType(elementType),
    type: elementTypeName(elementType),
    shape: Array.from(sizes, Number),
    dimensionNames: Array.from({ length: rank }, (_, i) => textAt(libc, names.get(i))),
  };
}
