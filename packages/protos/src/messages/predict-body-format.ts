/** PredictRequest and PredictResponse as bodies of REST's predict. */
import { type ModelSpec, type PredictResponse, type ServableId, ServingError } from '@serving/core';
import type { DecodedPredictBody, PredictBodyFormat, PredictBodyRequest, Signature } from '@serving/core/extend';
import { checkOutputFilter, toInputs } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import type { FillOptions } from '../tensor/expansion-budget.js';
import type { ModelSpecMessage } from './model-spec.js';
import {
  decodePredictRequestMessage,
  decodePredictRequestMessageInSlices,
  encodePredictResponseMessage,
  type PredictRequestMessage,
} from './predict.js';

/**
 * `application/x-protobuf` for `formats` of the REST API: a PredictRequest in, a PredictResponse out, as over gRPC. The path chooses
 * the model; a `model_spec` in the body is for `signature_name`, and may otherwise only repeat what the path means.
 * Inputs with a default may be left out, `output_filter` is honoured. Numbers go out as `tensor_content` where an input of
 * the request had it, and in answers to requests of another form.
 */
export function createProtobufPredictFormat(options: FillOptions = {}): PredictBodyFormat {
  return {
    contentType: 'application/x-protobuf',
    decode: (body, request) =>
      decoded(
        parse(() => decodePredictRequestMessage(body, options)),
        request,
      ),
    *decodeInSlices(body, request) {
      const steps = decodePredictRequestMessageInSlices(body, options);
      for (;;) {
        const { done, value } = parse(() => steps.next());
        if (done) return decoded(value, request);
        yield;
      }
    },
    encode: (response) => ({ body: encode(response, true) }),
  };
}

/**
 * {@link createProtobufPredictFormat} with its defaults.
 *
 * @example
 * ```ts
 * app.use(servingRouter(server, { formats: [protobufPredictFormat] }));
 * ```
 */
export const protobufPredictFormat: PredictBodyFormat = createProtobufPredictFormat();

function encode({ model, version, signatureName, outputs }: PredictResponse, asTensorContent: boolean): Uint8Array {
  return encodePredictResponseMessage(
    { modelSpec: { name: model, version, signatureName }, outputs },
    { asTensorContent },
  );
}

function parse<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('INVALID_ARGUMENT', `The body is not a PredictRequest (${message})`, { cause });
  }
}

function decoded(message: PredictRequestMessage, { model, resolve }: PredictBodyRequest): DecodedPredictBody {
  const { modelSpec, outputFilter } = message;
  const { signature, servableId } = resolve(modelSpec?.signatureName);
  if (modelSpec) checkModelSpec(modelSpec, model, servableId);
  const inputs = checkedInputs(message, signature);
  const asTensorContent = Object.values(message.inputs).some((tensor) => tensor.hasContent);
  return {
    signature,
    inputs,
    outputFilter,
    encode: (response) => ({ body: encode(response, asTensorContent) }),
  };
}

/** A client whose message names another version than its path must not get a response of the wrong one. */
function checkModelSpec({ name, version, versionLabel }: ModelSpecMessage, path: ModelSpec, found: ServableId): void {
  if (name !== '' && name !== path.model) throw contradiction(`model ${name}`, `model ${path.model}`);
  if (version !== undefined && version !== found.version) {
    throw contradiction(`version ${version}`, `version ${found.version}`);
  }
  if (versionLabel !== undefined && versionLabel !== path.label) {
    throw contradiction(`label ${versionLabel}`, path.label === undefined ? 'no label' : `label ${path.label}`);
  }
}

function contradiction(asked: string, meant: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', `model_spec asks for ${asked}, but the path means ${meant}`);
}

function checkedInputs({ inputs, outputFilter }: PredictRequestMessage, signature: Signature): NamedTensors {
  const tensors = toInputs(inputs, signature, (proto, { name }) => proto.toTensor(name));
  checkOutputFilter(outputFilter, signature);
  for (const { name, dtype } of signature.inputs.values()) {
    const given = tensors[name]!.dtype;
    if (given !== dtype && dtype !== 'invalid') {
      throw new ServingError('INVALID_ARGUMENT', `input ${name}: expected ${dtype}, got ${given}`);
    }
  }
  return tensors;
}

/** {@link createProtobufPredictFormat} for `formats` that are given as modules: each serving thread calls it. */
export function createPredictBodyFormat(_server: unknown, options?: FillOptions): PredictBodyFormat {
  return createProtobufPredictFormat(options);
}
