/** Warm-up requests as JSON. */
import { type ExampleLike, ServingError, type TensorLike } from '@serving/core';
import type { WarmupRequest } from './warmup-request.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a list of REST bodies, each with the API that it is for; without one it is `predict`:
 *
 * ```json
 * [
 *   { "inputs": { "x": [1, 2, 5] } },
 *   { "method": "predict", "signature_name": "serving_default", "instances": [{ "x": 1 }, { "x": 2 }] },
 *   { "method": "classify", "signature_name": "by_price", "examples": [{ "price": 12.5 }], "context": { "shop": "a" } }
 * ]
 * ```
 *
 * As in REST bodies, bytes are `{ "b64": "…" }`, whole numbers of examples are int64 and others float (`1` and `1.0` differ), `instances` are objects of inputs or, for a signature with one input, its values,
 * and `inputs` may be that one input's value.
 *
 * @param path named in the error.
 * @throws ServingError `INVALID_ARGUMENT` for anything else.
 */
export function parseWarmupJson(
  text: string,
  path: string,
  inputsOf: (signatureName: string | undefined) => readonly string[],
): WarmupRequest[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(markIntegers(text), revive);
  } catch (cause) {
    throw invalid(path, `no JSON (${ServingError.from(cause).message})`);
  }
  if (!Array.isArray(parsed)) throw invalid(path, 'expected a list of requests');
  return parsed.map((item: unknown, i) => {
    const where = `${path}, request ${i + 1}`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw invalid(where, 'expected an object');
    return toRequest(item as JsonObject, where, inputsOf);
  });
}

function toRequest(
  { method = 'predict', signature_name: name, ...body }: JsonObject,
  where: string,
  inputsOf: (signatureName: string | undefined) => readonly string[],
): WarmupRequest {
  if (name !== undefined && typeof name !== 'string') throw invalid(where, 'signature_name: expected text');
  const signature = name !== undefined && { signatureName: name };
  switch (method) {
    case 'predict':
      checkFields(body, ['inputs', 'instances'], where);
      return {
        predict: { ...signature, inputs: toInputs(toNumbers(body) as JsonObject, where, () => inputsOf(name)) },
      };
    case 'classify':
    case 'regress': {
      checkFields(body, ['examples', 'context'], where);
      const { examples, context } = body as { examples: readonly ExampleLike[]; context?: ExampleLike };
      const request = { ...signature, examples, ...(context !== undefined && { context }) };
      return method === 'classify' ? { classify: request } : { regress: request };
    }
    default:
      throw invalid(where, `method: expected predict, classify or regress, got ${JSON.stringify(method)}`);
  }
}

function toInputs(
  { inputs, instances }: JsonObject,
  where: string,
  aliases: () => readonly string[],
): Readonly<Record<string, TensorLike>> {
  if ((inputs === undefined) === (instances === undefined)) throw invalid(where, 'expected either inputs or instances');
  if (isRecord(inputs)) return inputs as Record<string, TensorLike>;
  if (inputs !== undefined) return { [onlyInput(aliases(), where)]: inputs as TensorLike };
  if (!Array.isArray(instances) || instances.length === 0) throw invalid(where, 'instances: expected a list');
  if (!instances.every(isRecord)) return { [onlyInput(aliases(), where)]: instances as TensorLike };
  const [first] = instances as [Record<string, unknown>];
  return Object.fromEntries(
    Object.keys(first!).map((alias) => [alias, instances.map((instance) => instance[alias]) as TensorLike]),
  );
}

function onlyInput(aliases: readonly string[], where: string): string {
  if (aliases.length === 1) return aliases[0]!;
  throw invalid(where, `the signature has ${aliases.length} inputs (${aliases.join(', ')}), which must be named`);
}

function checkFields(body: JsonObject, known: readonly string[], where: string): void {
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw invalid(where, `unknown ${unknown.join(', ')}; expected ${known.join(' or ')}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** In front of the digits of a whole number: JSON itself doesn't keep apart `1` and `1.0`. */
const INTEGER = '\u0000integer:';
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function markIntegers(text: string): string {
  return text.replace(tokens, (token) => (/^-?\d+$/.test(token) ? JSON.stringify(INTEGER + token) : token));
}

/** Values from the inside out: bytes, and whole numbers as bigints, which {@link toNumbers} makes numbers of where tensors are meant. */
function revive(_: string, value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith(INTEGER)) return BigInt(value.slice(INTEGER.length));
  if (!isRecord(value) || typeof value.b64 !== 'string' || Object.keys(value).length !== 1) return value;
  return new Uint8Array(Buffer.from(value.b64, 'base64'));
}

/** Whole numbers that a number holds exactly become numbers; tensors of 64-bit integers take the others as they are. */
function toNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(toNumbers);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toNumbers(item)]));
}

function invalid(where: string, problem: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${where}: ${problem}`);
}
