/** Requests of any form: the whole text is parsed first, then each member is checked. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { elementCount, type Tensor } from '@serving/core/tensor';
import {
  INTEGER,
  JsonReader,
  type JsonTape,
  numberValue,
  OBJECT,
  type SliceBudget,
} from '@serving/json-codec/internal';
import { DATATYPE_NAMES, type Datatype, isDatatype } from '../infer/datatype.js';
import type { RequestedOutput } from '../infer/infer-message.js';
import { readTensorData } from './exact-tensor-data.js';
import { arrayAt, membersOf, objectAt, parametersAt, stringAt, wrongKind } from './json-members.js';
import type { InputFields, RequestFields } from './request-fields.js';

const ROOT = 0;

/**
 * Reads a request. Yields where the budget is used up.
 *
 * @throws ServingError `INVALID_ARGUMENT` for what is wrong with it.
 */
export function* readRequestExactly(text: Uint8Array, budget: SliceBudget): Generator<void, RequestFields> {
  const reader = new JsonReader(text);
  while (!reader.step(budget)) yield;
  const { tape } = reader;
  checkEnd(text, reader.end);
  if (tape.kind(ROOT) !== OBJECT) throw wrongKind(tape, ROOT, 'The request', 'an object with "inputs"');
  const { id, parameters, inputs, outputs } = membersOf(tape, ROOT);
  const read: InputFields[] = [];
  for (const [index, node] of arrayAt(tape, inputs, '"inputs"').entries()) {
    read.push(yield* readInput(tape, node, `inputs[${index}]`, budget));
  }
  return {
    id: id === undefined ? '' : stringAt(tape, id, '"id"'),
    parameters: parametersAt(tape, parameters, '"parameters"'),
    inputs: read,
    outputs: outputs === undefined ? [] : readOutputs(tape, outputs),
  };
}

function checkEnd(text: Uint8Array, end: number): void {
  for (let at = end; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    throw ServingError.invalidArgument(`JSON Parse error: text behind the request at offset: ${at}`);
  }
}

function* readInput(tape: JsonTape, node: number, place: string, budget: SliceBudget): Generator<void, InputFields> {
  const members = objectAt(tape, node, place);
  const name = stringAt(tape, members.name, `${place}: "name"`);
  const subject = `Input ${quoteName(name)}`;
  const datatype = readDatatype(tape, members.datatype, subject);
  const shape = readShape(tape, members.shape, subject);
  const parameters = parametersAt(tape, members.parameters, `${subject}: "parameters"`);
  let tensor: Tensor | undefined;
  if (members.data !== undefined) {
    tensor = yield* readTensorData(tape, members.data, datatype, shape, subject, budget);
  }
  return { name, datatype, shape, parameters, tensor };
}

function readDatatype(tape: JsonTape, node: number | undefined, subject: string): Datatype {
  const name = stringAt(tape, node, `${subject}: "datatype"`);
  if (isDatatype(name)) return name;
  throw ServingError.invalidArgument(
    `${subject}: "datatype" must be one of ${DATATYPE_NAMES} (got ${quoteName(name)})`,
  );
}

function readShape(tape: JsonTape, node: number | undefined, subject: string): number[] {
  const shape = arrayAt(tape, node, `${subject}: "shape"`).map((size, index) => {
    const value = tape.kind(size) === INTEGER ? numberValue(tape, size) : -1;
    if (value >= 0 && Number.isSafeInteger(value)) return value;
    throw wrongKind(tape, size, `${subject}: "shape"[${index}]`, 'an integer of at least 0');
  });
  checkShape(shape, subject);
  return shape;
}

/** @throws ServingError `INVALID_ARGUMENT` for a shape that no tensor has. */
export function checkShape(shape: readonly number[], subject: string): void {
  try {
    elementCount(shape);
  } catch (error) {
    throw ServingError.from(error).prefixed(`${subject}: `);
  }
}

function readOutputs(tape: JsonTape, node: number): RequestedOutput[] {
  return arrayAt(tape, node, '"outputs"').map((output, index) => {
    const members = objectAt(tape, output, `outputs[${index}]`);
    const name = stringAt(tape, members.name, `outputs[${index}]: "name"`);
    const parameters = parametersAt(tape, members.parameters, `Output ${quoteName(name)}: "parameters"`);
    return { name, parameters };
  });
}
