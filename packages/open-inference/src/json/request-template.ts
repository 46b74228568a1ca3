/** Small requests of one client, which have the same text but for the values of their inputs and their `id`. */
import { quoteName } from '@serving/core/extend';
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import { scanFewNumbers } from '@serving/json-codec/internal';
import { readBinaryTensor } from '../infer/binary-tensor.js';
import { addDefaults } from '../infer/bind-inputs.js';
import type { CheckedRequest, InferChoice } from '../infer/checked-request.js';
import { dtypeOf } from '../infer/datatype.js';
import type { InferInput } from '../infer/infer-message.js';
import { BinaryTail } from './binary-tail.js';
import { binarySizeOf, type InputFields } from './request-fields.js';

/** A part of a text that differs from one request to the next. */
export interface TextHole {
  readonly start: number;
  readonly end: number;
  /** The index of the input whose numbers stand there; −1 for the `id`. */
  readonly input: number;
}

/** Longer texts are not worth comparing. */
const LONGEST = 4096;
/** Of so many texts those that came last. */
const MOST_TEMPLATES = 4;

/**
 * A text whose request was found to fit its model. Another request with the same text around its holes fits as well, so that only its values are
 * read.
 */
export class RequestTemplate {
  private readonly signatureName: string | undefined;
  private readonly model: string;
  private readonly pieces: readonly Uint8Array[];
  /** Of the hole behind each piece but the last. */
  private readonly holes: readonly number[];
  private readonly inputs: readonly TemplateInput[];
  private readonly rows: number;
  private readonly choice: InferChoice;

  private constructor(
    { model, signatureName, text, holes, inputs }: TemplateSource,
    { choice, inputs: tensors, rows }: CheckedRequest,
  ) {
    this.model = model;
    this.signatureName = signatureName;
    this.choice = choice;
    this.rows = rows;
    this.holes = holes.map(({ input }) => input);
    const starts = [0, ...holes.map(({ end }) => end)];
    const ends = [...holes.map(({ start }) => start), text.length];
    // Copies, which keep no body in memory.
    this.pieces = starts.map((start, i) => Uint8Array.from(text.subarray(start, ends[i])));
    this.inputs = inputs.map((fields) => {
      const { dtype, shape, data } = tensors[fields.name]!;
      return { fields, dtype, shape, count: data.length, binarySize: binarySizeOf(fields) };
    });
  }

  /** Keeps the text of a request for {@link RequestTemplate.read}. */
  static keep(templates: RequestTemplate[], source: TemplateSource, request: CheckedRequest): void {
    if (source.text.length > LONGEST) return;
    if (templates.length === MOST_TEMPLATES) templates.pop();
    templates.unshift(new RequestTemplate(source, request));
  }

  /**
   * The request of a text and the bytes behind it; `undefined` where the text is another one, or its values have to be read by
   * another reader.
   *
   * @throws ServingError `INVALID_ARGUMENT` for binary tensors of another size.
   */
  read(text: Uint8Array, tail: Uint8Array | undefined, signatureName: string | undefined): CheckedRequest | undefined {
    const { pieces, holes, inputs } = this;
    if (signatureName !== this.signatureName) return undefined;
    const first = pieces[0]!;
    if (!continues(text, 0, first)) return undefined;
    let at = first.length;
    let id = '';
    const tensors: NamedTensors = Object.create(null);
    for (let i = 0; i < holes.length; i++) {
      const index = holes[i]!;
      if (index < 0) {
        const end = plainEnd(text, at);
        id = Buffer.prototype.latin1Slice.call(text, at, end);
        at = end;
      } else {
        const { fields, dtype, shape, count } = inputs[index]!;
        const numbers = scanFewNumbers(text, at, dtypeOf(fields.datatype));
        if (numbers === undefined || numbers.data.length !== count) return undefined;
        if (numbers.depth === 0 && shape.length > 0) return undefined;
        tensors[fields.name] = { dtype, shape, data: numbers.data } as Tensor;
        at = numbers.end;
      }
      const piece = pieces[i + 1]!;
      if (!continues(text, at, piece)) return undefined;
      at += piece.length;
    }
    if (at !== text.length) return undefined;
    return { id, choice: this.choice, inputs: this.withBinary(tensors, tail), rows: this.rows };
  }

  private withBinary(tensors: NamedTensors, tail: Uint8Array | undefined): NamedTensors {
    const { inputs, choice } = this;
    let binary: BinaryTail | undefined;
    for (let i = 0; i < inputs.length; i++) {
      const { fields, dtype, shape, binarySize } = inputs[i]!;
      if (binarySize === undefined) continue;
      binary ??= new BinaryTail(tail);
      const subject = `Input ${quoteName(fields.name)}`;
      const tensor = readBinaryTensor(fields.datatype, shape, binary.take(binarySize, subject), subject);
      tensors[fields.name] = { ...tensor, dtype } as Tensor;
    }
    if (tail !== undefined) (binary ?? new BinaryTail(tail)).checkEnd();
    if (inputs.length < choice.signature.inputs.size) addDefaults(this.model, choice.signature, tensors);
    return tensors;
  }
}

/** What a template is made of. */
export interface TemplateSource {
  readonly model: string;
  /** Of the query. */
  readonly signatureName: string | undefined;
  readonly text: Uint8Array;
  readonly holes: readonly TextHole[];
  readonly inputs: readonly InputFields[];
}

interface TemplateInput {
  readonly fields: InputFields;
  /** As the signature has it. */
  readonly dtype: InferInput['tensor']['dtype'];
  readonly shape: readonly number[];
  readonly count: number;
  readonly binarySize: number | undefined;
}

function continues(text: Uint8Array, at: number, piece: Uint8Array): boolean {
  const { length } = piece;
  if (at + length > text.length) return false;
  for (let i = 0; i < length; i++) if (text[at + i] !== piece[i]) return false;
  return true;
}

/** Where plain ASCII ends that stands for itself in a string of JSON. */
function plainEnd(text: Uint8Array, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const byte = text[at]!;
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) break;
  }
  return at;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
