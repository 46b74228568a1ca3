/** The signatures of a model on a running server, ours or TensorFlow Serving's own, by REST's metadata. */
import { ServingError } from '@serving/core';
import { toVersion } from '@serving/core/extend';
import { type DataType, dataTypeEnumName, dataTypeFromNumber } from '@serving/core/tensor';
import { type ClientModel, type DescribedSignature, type DescribedTensor, toClientModel } from './client-model.js';

/** A model that a server has. */
export interface ServedModel {
  readonly model: ClientModel;
  /** Where its requests go, without the verb. */
  readonly url: string;
}

/**
 * Requests the metadata of `http://HOST/v1/models/NAME`, which may end in `/versions/N` or `/labels/L`, and in `/metadata`.
 *
 * @throws ServingError `UNAVAILABLE` without an answer, `INVALID_ARGUMENT` for a URL of another form and for an answer
 * that is not metadata, `NOT_FOUND` for a model that the server doesn't have.
 */
export async function readModelMetadata(text: string, signal?: AbortSignal): Promise<ServedModel> {
  const url = text.replace(/\/+$/, '').replace(/\/metadata$/, '');
  if (!/^https?:\/\/[^/]+\/.*models\/[^/:?#]+(\/(versions|labels)\/[^/:?#]+)?$/i.test(url)) {
    throw new ServingError('INVALID_ARGUMENT', `${text}: expected a model's URL, http://HOST:PORT/v1/models/NAME`);
  }
  const body = await fetchJson(`${url}/metadata`, signal);
  const { model_spec: spec, metadata } = body as MetadataJson;
  const signatures = metadata?.signature_def?.signature_def;
  if (typeof spec?.name !== 'string' || typeof signatures !== 'object' || signatures === null) {
    throw new ServingError('INVALID_ARGUMENT', `${url}/metadata: the response is not the metadata of a model`);
  }
  const described = Object.entries(signatures).map(([name, def]) => describeSignature(name, def));
  return { url, model: toClientModel(spec.name, toVersion(spec.version), described) };
}

interface MetadataJson {
  readonly model_spec?: { readonly name?: unknown; readonly version?: unknown };
  readonly metadata?: { readonly signature_def?: { readonly signature_def?: Readonly<Record<string, SignatureJson>> } };
}

interface SignatureJson {
  readonly inputs?: Readonly<Record<string, TensorInfoJson>>;
  readonly outputs?: Readonly<Record<string, TensorInfoJson>>;
  readonly method_name?: string;
  readonly defaults?: Readonly<Record<string, unknown>>;
}

interface TensorInfoJson {
  readonly name?: string;
  readonly dtype?: string | number;
  readonly tensor_shape?: { readonly dim?: readonly { readonly size?: string }[]; readonly unknown_rank?: boolean };
}

async function fetchJson(url: string, signal: AbortSignal | undefined): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, signal ? { signal } : {});
    status = response.status;
    text = await response.text();
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    throw new ServingError('UNAVAILABLE', `${url}: ${inner instanceof Error ? inner.message : message}`, { cause });
  }
  if (status !== 200) {
    throw new ServingError(status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE', `${url}: status ${status}: ${text.trim()}`);
  }
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `${url}: the response is not JSON`, { cause });
  }
}

function describeSignature(name: string, def: SignatureJson): DescribedSignature {
  const { inputs = {}, outputs = {}, method_name: methodName = '', defaults = {} } = def;
  return {
    name,
    methodName,
    inputs: Object.entries(inputs).map(([alias, info]) => describe(alias, info, Object.hasOwn(defaults, alias))),
    outputs: Object.entries(outputs).map(([alias, info]) => describe(alias, info, false)),
  };
}

function describe(alias: string, info: TensorInfoJson, hasDefault: boolean): DescribedTensor {
  const { name, dtype, tensor_shape: shape } = info;
  return {
    alias,
    dtype: name === undefined ? undefined : dataTypeOf(dtype),
    shape: !shape || shape.unknown_rank ? undefined : (shape.dim ?? []).map(({ size = '0' }) => Number(size)),
    hasDefault,
  };
}

/** Names as protobuf writes them; of a type without one it writes the number. */
function dataTypeOf(dtype: string | number | undefined): DataType {
  if (typeof dtype === 'number') return dataTypeFromNumber(dtype) ?? 'invalid';
  return byEnumName.get(dtype ?? '') ?? 'invalid';
}

const byEnumName: ReadonlyMap<string, DataType> = new Map(
  Array.from({ length: 200 }, (_, number) => number).flatMap((number) => {
    const name = dataTypeEnumName(number);
    return name === undefined ? [] : [[name, dataTypeFromNumber(number)!] as const];
  }),
);
