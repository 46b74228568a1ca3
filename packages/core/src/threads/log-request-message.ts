/** A logged request on its way to the main thread, where collectors are. */
import type { Example, ExampleInput, Feature } from '../messages/example.js';
import type { LoggedRequest } from '../request-logging/prediction-log.js';
import type { ServableId } from '../servable/servable-id.js';
import { StringArray } from '../tensor/string-array.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';

/** A request that was drawn, and what it was answered by. */
export interface LogRequestMessage {
  readonly id: ServableId;
  readonly savedModelTags: readonly string[] | undefined;
  readonly logged: LoggedRequest;
  readonly signatureName: string | undefined;
}

/** Copies values out of larger buffers: a message carries whole buffers, however small the part is that it needs. */
export function toPlainLog(logged: LoggedRequest): LoggedRequest {
  if (logged.api !== 'Predict') {
    const request = { ...logged.request, input: copiedInput(logged.request.input) };
    return { ...logged, request } as LoggedRequest;
  }
  return withTensors(logged, copied);
}

/** Gives string tensors the class that a message has taken from them. */
export function fromPlainLog(logged: LoggedRequest): LoggedRequest {
  return logged.api === 'Predict' ? withTensors(logged, revived) : logged;
}

function withTensors(
  { request, response, ...rest }: Extract<LoggedRequest, { api: 'Predict' }>,
  change: (tensor: Tensor) => Tensor,
): LoggedRequest {
  const all = (tensors: NamedTensors): NamedTensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
  return {
    ...rest,
    request: { ...request, inputs: all(request.inputs) },
    response: { ...response, outputs: all(response.outputs) },
  };
}

function copied(tensor: Tensor): Tensor {
  if (tensor.dtype === 'string') {
    const strings = Array.from({ length: tensor.data.length }, (_, i) => tensor.data.at(i)!);
    return { ...tensor, data: StringArray.from(strings) };
  }
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}

function revived(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'string') return tensor;
  const { bytes, offsets } = tensor.data;
  return { ...tensor, data: new StringArray(bytes, offsets) };
}

function copiedInput({ examples, context }: ExampleInput): ExampleInput {
  return { examples: examples.map(copiedExample), ...(context && { context: copiedExample(context) }) };
}

function copiedExample(example: Example): Example {
  return new Map(Array.from(example, ([name, feature]) => [name, copiedFeature(feature)]));
}

function copiedFeature(feature: Feature): Feature {
  if (feature.kind !== 'bytes') return { ...feature, values: feature.values.slice() } as Feature;
  return { kind: 'bytes', values: feature.values.map((bytes) => bytes.slice()) };
}
