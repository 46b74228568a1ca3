/** The model that is measured: its URL, and the form of its requests. */
import { ServingError } from '@serving/core';
import { createTensor, dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { type ModelDescription, OpenInferenceClient, type TensorDescription } from '@serving/open-inference/client';
import { OpenInferenceGrpcClient } from '@serving/open-inference/client-grpc';
import { chooseSignature } from '../clients/client-model.js';
import { readModelMetadata } from '../clients/read-model-metadata.js';

/** By which API requests are sent. */
type BenchProtocol = 'rest' | 'v2' | 'v2-binary' | 'grpc';

/** Inputs for a signature. */
export interface BenchRequest {
  /** Empty: the default one. */
  readonly signatureName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** A model on a server. */
export interface BenchTarget {
  /** `http://HOST:PORT` of its protocol. */
  readonly origin: string;
  readonly model: string;
  readonly version: string | undefined;
  readonly protocol: BenchProtocol;
}

/** An input of a signature: free dimensions are −1, and an unknown rank is a vector. */
interface InputShape {
  readonly name: string;
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
}

const protocols: readonly BenchProtocol[] = ['rest', 'v2', 'v2-binary', 'grpc'];
const MODEL_URL = /^(https?:\/\/[^/]+)\/(v1|v2)\/models\/([^/:?#]+)(?:\/versions\/([^/:?#]+))?\/?$/i;

/** @throws ServingError `INVALID_ARGUMENT` for another URL or protocol. */
export function readTarget(url: string, protocol: string): BenchTarget {
  const [, origin, api, model, version] = MODEL_URL.exec(url) ?? [];
  if (origin === undefined || model === undefined) {
    throw ServingError.invalidArgument(
      `${url}: expected a model's URL, http://HOST:PORT/v1/models/NAME or http://HOST:PORT/v2/models/NAME`,
    );
  }
  const chosen = protocol === '' ? (api!.toLowerCase() === 'v1' ? 'rest' : 'v2-binary') : protocol;
  const known = protocols.find((name) => name === chosen);
  if (known === undefined) {
    throw ServingError.invalidArgument(`--protocol=${protocol}: expected one of ${protocols.join(', ')}`);
  }
  return { origin, model: decodeURIComponent(model), version, protocol: known };
}

/**
 * The inputs of a request with so many rows, from the server's metadata of the model. Numbers are 1, as those of `gen-client`, and
 * strings "example".
 */
export async function inputsOfModel(
  { origin, model, version, protocol }: BenchTarget,
  signatureName: string,
  rows: number,
): Promise<Readonly<Record<string, Tensor>>> {
  const read = protocol === 'rest' ? restInputs : protocol === 'grpc' ? grpcInputs : protocolInputs;
  const shapes = await read(origin, model, version, signatureName);
  return Object.fromEntries(shapes.map((shape) => [shape.name, exampleTensor(shape, rows)]));
}

async function restInputs(
  origin: string,
  model: string,
  version: string | undefined,
  signatureName: string,
): Promise<InputShape[]> {
  const url = `${origin}/v1/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${version}`}`;
  const { inputs } = chooseSignature((await readModelMetadata(url)).model, signatureName);
  return inputs.map(({ alias, dtype, shape = [-1] }) => ({ name: alias, dtype, shape }));
}

async function protocolInputs(
  origin: string,
  model: string,
  version: string | undefined,
  signatureName: string,
): Promise<InputShape[]> {
  const options = { ...(version !== undefined && { version }), ...(signatureName !== '' && { signatureName }) };
  return shapesOf((await new OpenInferenceClient(origin).modelMetadata(model, options)).inputs);
}

async function grpcInputs(
  origin: string,
  model: string,
  version: string | undefined,
  signatureName: string,
): Promise<InputShape[]> {
  const client = new OpenInferenceGrpcClient(origin);
  try {
    const described = await client.modelMetadata(model, version === undefined ? {} : { version });
    // The default signature is described itself, and the others in the properties.
    const other = described.properties?.[`signature.${signatureName}`];
    const { inputs } = other === undefined ? described : (JSON.parse(other) as ModelDescription);
    return shapesOf(inputs);
  } finally {
    client.close();
  }
}

function shapesOf(inputs: readonly TensorDescription[]): InputShape[] {
  return inputs.map((input) => ({ name: input.name, dtype: dtypeOfInput(input), shape: input.shape }));
}

function dtypeOfInput({ name, datatype }: TensorDescription): TensorDataType {
  const dtype = dtypes[datatype];
  if (dtype !== undefined) return dtype;
  throw new ServingError('UNIMPLEMENTED', `Input "${name}" is ${datatype}, which the protocol can not send`);
}

const dtypes: Readonly<Record<string, TensorDataType>> = {
  ...{ BOOL: 'bool', BYTES: 'string', FP16: 'half', BF16: 'bfloat16', FP32: 'float', FP64: 'double' },
  ...{ INT8: 'int8', INT16: 'int16', INT32: 'int32', INT64: 'int64' },
  ...{ UINT8: 'uint8', UINT16: 'uint16', UINT32: 'uint32', UINT64: 'uint64' },
};

function exampleTensor({ dtype, shape }: InputShape, rows: number): Tensor {
  const sizes = shape.map((size, axis) => (size >= 0 ? size : axis === 0 ? rows : 1));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (dtype === 'string') {
    return { dtype, shape: sizes, data: StringArray.from(Array.from({ length: count }, () => 'example')) };
  }
  const data = new (dataTypeInfo(dtype).array!)(count);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(1n);
  // The patterns of one in 16 bits.
  else (data as Float64Array).fill(dtype === 'half' ? 0x3c00 : dtype === 'bfloat16' ? 0x3f80 : 1);
  return createTensor(dtype, sizes, data as never);
}
