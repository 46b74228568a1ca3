/** What the protocol's parameters mean, and which values they may have. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { Parameters, ParameterValue } from './infer-message.js';

/** The parameters of a request. */
export interface RequestParameters {
  readonly signatureName: string | undefined;
  /** Milliseconds that the request may take; `undefined` for no limit of its own. */
  readonly timeoutMs: number | undefined;
  /** The default of `binary_data` of its outputs; `undefined` where the request does not set it. */
  readonly binaryOutput: boolean | undefined;
}

/** @throws ServingError `INVALID_ARGUMENT` for a known key with a value of another type. */
export function readRequestParameters(parameters: Parameters): RequestParameters {
  if (parameters === NO_PARAMETERS) return NONE_ASKED;
  const place = 'Request parameter';
  whole(parameters, 'priority', place);
  const timeout = whole(parameters, 'timeout', place);
  checkSequence(parameters);
  return {
    signatureName: typed(parameters, 'signature_name', 'string', place),
    timeoutMs: timeout ? Number(timeout) / 1000 : undefined,
    binaryOutput: typed(parameters, 'binary_data_output', 'boolean', place),
  };
}

/** The parameters of a requested output. */
export interface OutputParameters {
  readonly binary: boolean | undefined;
  /** How many of the best elements; 0 for the tensor itself. */
  readonly classification: number;
  readonly base64: boolean;
}

/** @throws ServingError `INVALID_ARGUMENT` as {@link readRequestParameters}, and for shared memory. */
export function readOutputParameters(name: string, parameters: Parameters): OutputParameters {
  if (parameters === NO_PARAMETERS) return PLAIN_OUTPUT;
  const place = `Output ${quoteName(name)}: parameter`;
  refuseSharedMemory(parameters, place);
  return {
    binary: typed(parameters, 'binary_data', 'boolean', place),
    classification: Number(whole(parameters, 'classification', place) ?? 0),
    base64: typed(parameters, 'content_type', 'string', place) === 'base64',
  };
}

/** The parameters of an input. */
export interface InputParameters {
  /** Bytes of the tensor behind the JSON; `undefined` where its data are in the JSON. */
  readonly binarySize: number | undefined;
  readonly base64: boolean;
}

/** @throws ServingError `INVALID_ARGUMENT` as {@link readOutputParameters}. */
export function readInputParameters(name: string, parameters: Parameters): InputParameters {
  if (parameters === NO_PARAMETERS) return PLAIN_INPUT;
  const place = `Input ${quoteName(name)}: parameter`;
  refuseSharedMemory(parameters, place);
  const size = whole(parameters, 'binary_data_size', place);
  return {
    binarySize: size === undefined ? undefined : Number(size),
    base64: typed(parameters, 'content_type', 'string', place) === 'base64',
  };
}

/** Of what has no parameters. */
export const NO_PARAMETERS: Parameters = Object.freeze(Object.create(null));

const NONE_ASKED: RequestParameters = { signatureName: undefined, timeoutMs: undefined, binaryOutput: undefined };
const PLAIN_OUTPUT: OutputParameters = { binary: undefined, classification: 0, base64: false };
const PLAIN_INPUT: InputParameters = { binarySize: undefined, base64: false };

interface TypesByName {
  readonly string: string;
  readonly boolean: boolean;
}

function typed<Name extends keyof TypesByName>(
  parameters: Parameters,
  key: string,
  type: Name,
  place: string,
): TypesByName[Name] | undefined {
  const value = parameters[key];
  if (value === undefined || typeof value === type) return value as TypesByName[Name] | undefined;
  throw wrongType(place, key, `a ${type}`, value);
}

function whole(parameters: Parameters, key: string, place: string): number | bigint | undefined {
  const value = parameters[key];
  if (value === undefined) return undefined;
  if (
    typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : typeof value === 'bigint' && value >= 0n
  ) {
    return value as number | bigint;
  }
  throw wrongType(place, key, 'an integer of at least 0', value);
}

/** Models of this server keep no sequences: the parameters have no effect, but must be right. */
function checkSequence(parameters: Parameters): void {
  const { sequence_id: id } = parameters;
  if (id !== undefined && typeof id !== 'string' && !isWhole(id)) {
    throw wrongType('Request parameter', 'sequence_id', 'a string or an integer of at least 0', id);
  }
  const hasId = id !== undefined && id !== '' && id !== 0 && id !== 0n;
  for (const flag of ['sequence_start', 'sequence_end']) {
    if (typed(parameters, flag, 'boolean', 'Request parameter') && !hasId) {
      throw ServingError.invalidArgument(`Request parameter "${flag}" needs a "sequence_id"`);
    }
  }
}

function isWhole(value: ParameterValue): boolean {
  return typeof value === 'number'
    ? Number.isSafeInteger(value) && value >= 0
    : typeof value === 'bigint' && value >= 0n;
}

function refuseSharedMemory(parameters: Parameters, place: string): void {
  if (parameters.shared_memory_region === undefined) return;
  throw ServingError.invalidArgument(`${place} "shared_memory_region" is not supported: send the tensor's data`);
}

function wrongType(place: string, key: string, expected: string, value: ParameterValue): ServingError {
  const shown = typeof value === 'string' ? quoteName(value) : String(value);
  return ServingError.invalidArgument(`${place} "${key}" must be ${expected} (got ${shown})`);
}
