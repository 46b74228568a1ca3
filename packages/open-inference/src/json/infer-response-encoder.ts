/** The body of an answer over HTTP: JSON, and behind it the outputs that are binary. */
import { isUtf8 } from 'node:buffer';
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { fromBfloat16, fromHalf, StringArray, type Tensor, toBfloat16, toHalf } from '@serving/core/tensor';
import { checkLength, type EncodeBuffers, SLICE_BYTES } from '@serving/json-codec';
import {
  ByteWriter,
  inOneGo,
  type SliceBudget,
  TensorWriter,
  UNLIMITED,
  writeFewNumbers,
} from '@serving/json-codec/internal';
import { binarySize, writeBinaryTensor } from '../infer/binary-tensor.js';
import type { ChosenOutput, InferResponse } from '../infer/checked-request.js';
import type { ServedVersion } from '../models/served-version.js';

/** A body. */
export interface EncodedResponse {
  readonly body: Uint8Array;
  /** Bytes of the JSON; `undefined` where all of the body is JSON. */
  readonly jsonLength: number | undefined;
}

/** How answers are encoded. */
export interface InferEncodeOptions {
  readonly maxBytes: number;
  readonly buffers?: EncodeBuffers | undefined;
}

/** Encodes one answer, with {@link encode} or {@link steps}. */
export class InferResponseEncoder {
  // No `#` fields, which take as long to define as the rest of the object.
  private readonly response: InferResponse;
  private readonly options: InferEncodeOptions;
  private readonly writer: ByteWriter;
  private readonly isBinary: boolean;
  private binary: Tensor[] | undefined = undefined;
  /** Bytes of the binary tensors so far. */
  private tail = 0;

  constructor(response: InferResponse, served: ServedVersion, options: InferEncodeOptions) {
    this.response = response;
    this.options = options;
    const { request, model, version } = response;
    this.isBinary = request.choice.parameters.binaryOutput ?? false;
    this.writer = new ByteWriter(CAPACITY, options.buffers);
    served.answerHead ??= Buffer.from(`{"model_name":${JSON.stringify(model)},"model_version":"${version}"`);
    this.writer.raw(served.answerHead);
    if (request.id !== '') this.writer.raw(Buffer.from(`,"id":${JSON.stringify(request.id)}`));
    this.writer.ascii(',"outputs":[');
  }

  /** Whether {@link steps} should be taken, between which the event loop turns. */
  get isLarge(): boolean {
    let count = 0;
    for (const { name } of this.response.request.choice.outputs) count += this.response.tensors[name]!.data.length;
    return count > MOST_AT_ONCE;
  }

  /**
   * Encodes the answer at once.
   *
   * @throws ServingError `INVALID_ARGUMENT` for BYTES that are not UTF-8 and not binary, `OUT_OF_RANGE` for a body over `maxBytes`.
   */
  encode(): EncodedResponse {
    const { outputs } = this.response.request.choice;
    for (let i = 0; i < outputs.length; i++) {
      if (!this.begin(i, outputs[i]!)) inOneGo(this.values(outputs[i]!, UNLIMITED));
      this.end();
    }
    return this.finish();
  }

  /** {@link encode}, yielding where the budget is used up. */
  *steps(budget: SliceBudget): Generator<void, EncodedResponse> {
    for (const [index, output] of this.response.request.choice.outputs.entries()) {
      if (!this.begin(index, output)) yield* this.values(output, budget);
      this.end();
    }
    return this.finish();
  }

  /** Writes an output; false: but for its values. */
  private begin(index: number, output: ChosenOutput): boolean {
    const { writer } = this;
    const tensor = this.response.tensors[output.name]!;
    if (index > 0) writer.byte(COMMA);
    writer.raw(headOf(output));
    const { shape } = tensor;
    for (let i = 0; i < shape.length; i++) writer.ascii(i === 0 ? String(shape[i]) : `,${shape[i]}`);
    writer.ascii('],');
    if (output.binary ?? this.isBinary) {
      const size = binarySize(tensor);
      this.binary ??= [];
      this.binary.push(tensor);
      this.tail += size;
      writer.ascii(`"parameters":{"binary_data_size":${size}}`);
      return true;
    }
    if (output.base64 && tensor.dtype === 'string') writer.ascii('"parameters":{"content_type":"base64"},');
    writer.ascii('"data":');
    return writeFewNumbers(writer, tensor);
  }

  private values(output: ChosenOutput, budget: SliceBudget): Generator<void, void> {
    return writeValues(this.writer, output, this.response.tensors[output.name]!, budget);
  }

  private end(): void {
    this.writer.byte(CLOSE_BRACE);
    checkLength(this.writer.length + this.tail, this.options);
  }

  private finish(): EncodedResponse {
    const { writer, binary } = this;
    writer.ascii(']}');
    const json = writer.finish();
    if (binary === undefined) return { body: json, jsonLength: undefined };
    const body = Buffer.allocUnsafe(json.length + this.tail);
    body.set(json);
    let at = json.length;
    for (const tensor of binary) {
      writeBinaryTensor(tensor, body, at);
      at += binarySize(tensor);
    }
    return { body, jsonLength: json.length };
  }
}

/** More elements are written in steps. */
const MOST_AT_ONCE: number = SLICE_BYTES / 8;
/** Bytes to begin with. */
const CAPACITY = 256;

/** `{"name":…,"datatype":…,"shape":[` by output: outputs are chosen once for many requests. */
const heads = new WeakMap<ChosenOutput, Uint8Array>();

function headOf(output: ChosenOutput): Uint8Array {
  const known = heads.get(output);
  if (known !== undefined) return known;
  const head = Buffer.from(`{"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[`);
  heads.set(output, head);
  return head;
}

function* writeValues(
  writer: ByteWriter,
  { name, datatype, base64 }: ChosenOutput,
  tensor: Tensor,
  budget: SliceBudget,
): Generator<void, void> {
  if (tensor.data.length === 0) {
    writer.ascii('[]');
    return;
  }
  if (datatype === 'FP16' || datatype === 'BF16') {
    const patterns = tensor.data as Uint16Array;
    const shortest = datatype === 'FP16' ? shortestHalf : shortestBfloat16;
    writer.ascii(`[${Array.from(patterns, shortest).join(',')}]`);
    return;
  }
  let flat = { ...tensor, shape: [tensor.data.length] } as Tensor;
  if (tensor.data instanceof StringArray) {
    if (base64) flat = { ...flat, data: base64Strings(tensor.data) } as Tensor;
    else checkUtf8(name, tensor.data);
  }
  flat = { ...flat, dtype: storage[tensor.dtype] ?? tensor.dtype } as Tensor;
  const values = new TensorWriter(writer, flat, { style: 'compact', level: 0, firstDimension: 0, base64: false });
  values.begin(0);
  while (!values.step(budget)) {
    yield* writer.reserveSlice(budget);
    yield;
  }
}

/** What quantized values are stored in. */
const storage: Readonly<Record<string, string>> = {
  qint8: 'int8',
  quint8: 'uint8',
  qint16: 'int16',
  quint16: 'int32',
  qint32: 'int32',
  uint16: 'int32',
};

function base64Strings(data: StringArray): StringArray {
  return StringArray.from(Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('base64')));
}

/** Elements may end within a character, so that they are checked one by one. */
function checkUtf8(name: string, data: StringArray): void {
  for (let i = 0; i < data.length; i++) {
    if (isUtf8(data.at(i))) continue;
    throw ServingError.invalidArgument(
      `Output ${quoteName(name)}: element ${i} is not UTF-8, which JSON needs: ask for it with "binary_data": true, or with "content_type": "base64"`,
    );
  }
}

const shortestHalf = (pattern: number): string => shortest(fromHalf(pattern), pattern, toHalf, 5);
const shortestBfloat16 = (pattern: number): string => shortest(fromBfloat16(pattern), pattern, toBfloat16, 4);

/** The decimal of fewest digits that stands for the same pattern. */
function shortest(value: number, pattern: number, toPattern: (value: number) => number, most: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0';
  for (let digits = 1; digits < most; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (toPattern(Number(text)) === pattern) return text;
  }
  return String(Number(value.toPrecision(most)));
}

const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
