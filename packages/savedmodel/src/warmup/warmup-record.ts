/** The records of warm-up files: PredictionLogs. */
import { ServingError } from '@serving/core';
import { DEFAULT_SIGNATURE_NAME, type Signature } from '@serving/core/extend';
import {
  checkOutputFilter,
  classify,
  missingSignature,
  multiInference,
  regress,
  toExampleInput,
  toInputs,
} from '@serving/core/internal';
import { toTensor } from '@serving/core/tensor';
import {
  decodeExamplesRequest,
  decodeMultiInferenceRequest,
  decodePredictionLog,
  decodePredictRequestMessage,
  encodeExamplesRequest,
  encodeMultiInferenceRequest,
  encodePredictionLog,
  encodePredictRequestMessage,
} from '@serving/protos/messages';
import { beginWarmup, methodNames, type WarmupRequest, type WarmupTarget } from './warmup-request.js';

/**
 * Runs the request of a record and drops its answer; a log of no API is skipped. Names and versions of models in it don't
 * matter.
 *
 * @throws ServingError `INVALID_ARGUMENT` for bytes that are not a PredictionLog, `UNIMPLEMENTED` for logs of streamed
 * predicts and session runs, or what the run failed with.
 */
export async function runWarmupRecord(record: Uint8Array, target: WarmupTarget): Promise<void> {
  const log = parse(decodePredictionLog, record);
  if (!log) return;
  const call = beginWarmup(target);
  switch (log.type) {
    case 'predict': {
      const { modelSpec, inputs, outputFilter } = parse(decodePredictRequestMessage, log.request);
      const signature = call.signature(modelSpec?.signatureName, 'predict');
      checkOutputFilter(outputFilter, signature);
      const tensors = toInputs(inputs, signature, (proto, { name }) => proto.toTensor(name));
      await call.predict(signature, tensors, outputFilter);
      return;
    }
    case 'classify': {
      const { modelSpec, input } = parse(decodeExamplesRequest, log.request);
      await classify(call, modelSpec?.signatureName, input);
      return;
    }
    case 'regress': {
      const { modelSpec, input } = parse(decodeExamplesRequest, log.request);
      await regress(call, modelSpec?.signatureName, input);
      return;
    }
    case 'multiInference': {
      const { tasks, input } = parse(decodeMultiInferenceRequest, log.request);
      const asked = tasks.map(({ modelSpec, methodName }) => ({
        model: target.id.name,
        signatureName: modelSpec?.signatureName ?? '',
        methodName,
      }));
      await multiInference(call, asked, input);
      return;
    }
    case 'sessionRun':
    case 'predictStreamed':
      throw new ServingError('UNIMPLEMENTED', `Unsupported log_type for warmup: ${log.fieldNumber}`);
  }
}

/**
 * The record of a request for a model with these signatures.
 *
 * @param model the name in the record, for who reads it; warm-up doesn't.
 * @throws ServingError as the request itself would for its signature and inputs.
 */
export function encodeWarmupRecord(
  request: WarmupRequest,
  model: string,
  signatures: ReadonlyMap<string, Signature>,
): Uint8Array {
  const spec = (signatureName = '') => ({ name: model, signatureName });
  if ('predict' in request) {
    const { signatureName, inputs, outputFilter = [] } = request.predict;
    const signature = signatures.get(signatureName || DEFAULT_SIGNATURE_NAME);
    if (!signature) {
      throw missingSignature(signatureName || DEFAULT_SIGNATURE_NAME, 'predict', signatures.keys());
    }
    checkOutputFilter(outputFilter, signature);
    const tensors = toInputs(inputs, signature, toTensor);
    const message = { modelSpec: spec(signatureName), inputs: tensors, outputFilter: [...outputFilter] };
    return encodePredictionLog({ type: 'predict', request: encodePredictRequestMessage(message) });
  }
  if ('multiInference' in request) {
    const { tasks, ...examples } = request.multiInference;
    const message = {
      tasks: tasks.map(({ signatureName, method }) => ({
        modelSpec: spec(signatureName),
        methodName: methodNames[method],
      })),
      input: toExampleInput(examples),
    };
    return encodePredictionLog({ type: 'multiInference', request: encodeMultiInferenceRequest(message) });
  }
  const [type, { signatureName, ...examples }] =
    'classify' in request ? (['classify', request.classify] as const) : (['regress', request.regress] as const);
  const message = { modelSpec: spec(signatureName), input: toExampleInput(examples) };
  return encodePredictionLog({ type, request: encodeExamplesRequest(message) });
}

function parse<Message>(decode: (bytes: Uint8Array) => Message, bytes: Uint8Array): Message {
  try {
    return decode(bytes);
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('INVALID_ARGUMENT', `Failed to parse warmup record (${message})`, { cause });
  }
}
