/** The body of a predict response to output tensors: the client's side of the codec. */
import { ServingError } from '@serving/core';
import type { Signature, TensorSpec } from '@serving/core/extend';
import type { NamedTensors, PartialShape, Tensor } from '@serving/core/tensor';
import type { JsonPredictRequestFormat } from '../decode/decoded-predict-request.js';
import { isBase64Object } from '../decode/exact/scalar-converter.js';
import { appendNestedList } from '../decode/nested-list.js';
import { isSameShape, TensorBuilder } from '../decode/tensor-builder.js';
import { ARRAY, type JsonTape, NONE, OBJECT } from '../json/json-tape.js';
import { guessedDataType } from './guessed-data-type.js';
import { malformed, type ResponseDecodeOptions, ROOT, readResponseBody } from './response-body.js';

/** Facts about a response beside its body. */
export interface PredictResponseDecodeOptions extends ResponseDecodeOptions {
  /** Names, data types and shapes of the outputs. Without it they are guessed. */
  readonly signature?: Pick<Signature, 'outputs'>;
}

/** A predict response, decoded. */
export interface DecodedPredictResponse {
  /** That of the request: `predictions` is `row`, `outputs` `columnar`. */
  readonly format: JsonPredictRequestFormat;
  /** Null prototype. */
  readonly outputs: NamedTensors;
}

/**
 * Decodes a predict response.
 *
 * With a signature every output gets its name and data type, and an empty one the rest of its declared shape. Without
 * one a single output, whose name is not in the response, is called `output`, and data types are those that lose
 * nothing: `double` for numbers with a fraction or an exponent, `int64` (`uint64` beyond its range) for integers, `bool`,
 * `string`, and `float` without values.
 *
 * @example
 * ```ts
 * const response = await fetch('http://localhost:8501/v1/models/digits:predict', { method: 'POST', body });
 * const { outputs } = decodePredictResponse(new Uint8Array(await response.arrayBuffer()), {
 *   httpStatus: response.status,
 *   signature,
 * });
 * ```
 *
 * @throws ServingError for `{"error": …}` that error, its code from `httpStatus`; the status alone for any other body
 * that came with a failure; `INTERNAL` for a value that is not a predict response or doesn't fit the signature.
 */
export function decodePredictResponse(
  body: Uint8Array,
  options: PredictResponseDecodeOptions = {},
): DecodedPredictResponse {
  const tape = readResponseBody(body, options);
  const specs = options.signature?.outputs;
  const predictions = tape.member(ROOT, 'predictions');
  if (predictions !== NONE) return { format: 'row', outputs: decodePredictions(tape, predictions, specs) };
  const outputs = tape.member(ROOT, 'outputs');
  if (outputs !== NONE) return { format: 'columnar', outputs: decodeOutputs(tape, outputs, specs) };
  throw malformed("it has neither 'predictions' nor 'outputs'");
}

type OutputSpecs = ReadonlyMap<string, TensorSpec> | undefined;

/** Of a single output without a signature. */
const NAMELESS = 'output';

function decodePredictions(tape: JsonTape, list: number, specs: OutputSpecs): NamedTensors {
  if (tape.kind(list) !== ARRAY) throw malformed("'predictions' is not a list");
  if (tape.count(list) === 0 && specs !== undefined) return noRows(specs);
  if (tape.count(list) === 0 || !isPlainObject(tape, list + 1)) return decodeSingle(tape, list, specs);
  const rows: number[] = [];
  const end = tape.next(list);
  for (let row = list + 1; row < end; row = tape.next(row)) rows.push(row);
  const valuesByName = valuesOf(tape, rows);
  const tensors: NamedTensors = Object.create(null);
  for (const name of specs?.keys() ?? valuesByName.keys()) {
    const values = valuesByName.get(name) ?? [];
    if (values.length !== rows.length) throw malformed(`output ${name} is in ${values.length} of ${rows.length} rows`);
    tensors[name] = decodeRows(tape, values, name, specs?.get(name));
  }
  return tensors;
}

function decodeOutputs(tape: JsonTape, value: number, specs: OutputSpecs): NamedTensors {
  if (!isPlainObject(tape, value)) return decodeSingle(tape, value, specs);
  const valuesByName = valuesOf(tape, [value]);
  const tensors: NamedTensors = Object.create(null);
  for (const name of specs?.keys() ?? valuesByName.keys()) {
    const [node] = valuesByName.get(name) ?? [];
    if (node === undefined) throw malformed(`output ${name} is missing`);
    tensors[name] = decodeTensor(tape, node, name, specs?.get(name));
  }
  return tensors;
}

/** The members of objects by name, in the order of the objects. */
function valuesOf(tape: JsonTape, objects: readonly number[]): ReadonlyMap<string, readonly number[]> {
  const values = new Map<string, number[]>();
  for (const object of objects) {
    if (!isPlainObject(tape, object)) throw malformed('objects and plain values are mixed');
    const end = tape.next(object);
    for (let key = object + 1; key < end; key = tape.next(key + 1)) {
      const name = tape.stringValue(key);
      const nodes = values.get(name);
      if (nodes === undefined) values.set(name, [key + 1]);
      else nodes.push(key + 1);
    }
  }
  return values;
}

/** An empty batch has no information about its outputs. */
function noRows(specs: ReadonlyMap<string, TensorSpec>): NamedTensors {
  const tensors: NamedTensors = Object.create(null);
  for (const { name, dtype, shape } of specs.values()) {
    tensors[name] = new TensorBuilder(dtype, 0).finish(restoredShape([0], shape));
  }
  return tensors;
}

function decodeSingle(tape: JsonTape, node: number, specs: OutputSpecs): NamedTensors {
  if (specs !== undefined && specs.size !== 1) {
    throw malformed(`it has one output, the signature ${specs.size}: ${[...specs.keys()].join(', ')}`);
  }
  const tensors: NamedTensors = Object.create(null);
  const [spec] = specs?.values() ?? [];
  const name = spec?.name ?? NAMELESS;
  tensors[name] = decodeTensor(tape, node, name, spec);
  return tensors;
}

function decodeTensor(tape: JsonTape, node: number, name: string, spec: TensorSpec | undefined): Tensor {
  const builder = new TensorBuilder(spec?.dtype ?? guessedDataType(tape, [node]), FIRST_CAPACITY);
  try {
    const shape = appendNestedList(tape, node, builder);
    return builder.finish(restoredShape(shape, spec?.shape));
  } catch (error) {
    throw misfit(name, error);
  }
}

function decodeRows(tape: JsonTape, nodes: readonly number[], name: string, spec: TensorSpec | undefined): Tensor {
  const builder = new TensorBuilder(spec?.dtype ?? guessedDataType(tape, nodes), FIRST_CAPACITY);
  try {
    for (const node of nodes) {
      const shape = appendNestedList(tape, node, builder);
      builder.elementShape ??= shape;
      if (!isSameShape(builder.elementShape, shape)) {
        throw new ServingError('INTERNAL', `Expecting shape [${builder.elementShape}] but got: [${shape}]`);
      }
    }
    return builder.finish(restoredShape([nodes.length, ...builder.elementShape!], spec?.shape));
  } catch (error) {
    throw misfit(name, error);
  }
}

const FIRST_CAPACITY = 64;

/** JSON ends a shape at its first 0; what the signature declares after it is put back where that is known. */
function restoredShape(shape: readonly number[], declared: PartialShape): readonly number[] {
  if (declared === undefined || declared.length <= shape.length || shape.at(-1) !== 0) return shape;
  const rest = declared.slice(shape.length);
  return rest.every((size) => size >= 0) ? [...shape, ...rest] : shape;
}

function isPlainObject(tape: JsonTape, node: number): boolean {
  return tape.kind(node) === OBJECT && !isBase64Object(tape, node);
}

function misfit(name: string, error: unknown): ServingError {
  return malformed(`output ${name}: ${ServingError.from(error).message}`, error);
}
