/** The part of generated TypeScript that calls the model over REST, with `fetch` alone. */
import { type ClientModel, tensorWithoutJson } from './client-model.js';
import { signatureChoice } from './typescript-signatures.js';

/** Types of the REST client; empty when JSON can carry none of the signatures. */
export function restTypes({ signatures }: ClientModel): string {
  const carried = signatures.filter((signature) => !tensorWithoutJson(signature));
  if (carried.length === 0) return '';
  const { parameter, member } = signatureChoice(carried);
  return `
/** Signatures whose data types JSON can carry. */
export type RestSignatureName = ${carried.map(({ name }) => JSON.stringify(name)).join(' | ')};
type RestInput<Type> = Type extends TensorType<infer D, infer Shape> ? Nested<Scalar<D>, Shape> : never;
type RestScalar<Alias, D> = D extends 'string'
  ? Alias extends \`\${string}_bytes\`
    ? { readonly b64: string }
    : string
  : D extends 'bool'
    ? boolean
    : D extends 'int64' | 'uint64'
      ? bigint | number
      : number;
type RestOutput<Alias, Type> = Type extends TensorType<infer D, infer Shape> ? Nested<RestScalar<Alias, D>, Shape> : never;
type RestInputsOf<Inputs> = { readonly [Alias in keyof Inputs]-?: RestInput<DefinedTensor<Inputs[Alias]>> };
type RestOutputsOf<Outputs> = { readonly [Alias in keyof Outputs]: RestOutput<Alias, Outputs[Alias]> };

/** Nested arrays. REST requires every input, those with a default as well. */
export type RestInputs<S extends RestSignatureName${parameter}> = RestInputsOf<Signatures[S]['inputs']>;
/** Nested arrays. A 64-bit integer beyond 2^53 - 1 is a bigint, a smaller one a number. */
export type RestOutputs<S extends RestSignatureName${parameter}> = RestOutputsOf<Signatures[S]['outputs']>;

export interface TypedRestRequest<S extends RestSignatureName> {
  ${member}
  readonly inputs: RestInputs<S>;
  readonly signal?: AbortSignal;
}

export interface TypedRestClient {
  /** Rejects with a {@link RestError} when the server refuses the request, and with what \`fetch\` throws. */
  predict<S extends RestSignatureName${parameter}>(request: TypedRestRequest<S>): Promise<RestOutputs<S>>;
}
`;
}

/** `typedRestClient` with what it needs; `url` is the model's own. Empty like {@link restTypes}. */
export function restFunctions({ signatures }: ClientModel, url: string): string {
  const carried = signatures.filter((signature) => !tensorWithoutJson(signature));
  if (carried.length === 0) return '';
  const single = carried.filter(({ outputs }) => outputs.length === 1);
  const entries = single.map(({ name, outputs }) => `[${JSON.stringify(name)}, ${JSON.stringify(outputs[0]!.alias)}]`);
  return `
/** What the server said instead of an answer, with its hint how to fix the request behind it. */
export class RestError extends Error {
  readonly status: number;
  /** \`undefined\` where the server knows none. */
  readonly hint: string | undefined;

  constructor(status: number, message: string, hint?: string) {
    super(hint === undefined ? message : message + ' (' + hint + ')');
    this.name = 'RestError';
    this.status = status;
    this.hint = hint;
  }
}

/** Calls the model at \`url\`, which may end in \`/versions/NUMBER\` or \`/labels/LABEL\`. */
export function typedRestClient(url: string = ${JSON.stringify(url)}): TypedRestClient {
  const predict = async (request: { signatureName?: string; inputs: object; signal?: AbortSignal }): Promise<unknown> => {
    const { signatureName = 'serving_default', inputs, signal } = request;
    const body = '{"signature_name":' + JSON.stringify(signatureName) + ',"inputs":' + toJson(inputs) + '}';
    const response = await fetch(url + ':predict', { method: 'POST', body, ...(signal && { signal }) });
    const text = await response.text();
    if (!response.ok) throw restError(response.status, text);
    const { outputs } = fromJson(text) as { outputs: unknown };
    const alias = onlyOutputs.get(signatureName);
    return alias === undefined ? outputs : { [alias]: outputs };
  };
  return { predict } as unknown as TypedRestClient;
}

/** Outputs that come without their name, since their signature has no other. */
const onlyOutputs: ReadonlyMap<string, string> = new Map<string, string>([${entries.join(', ')}]);

/** JSON as the server reads it: NaN and Infinity are bare words, 64-bit integers have all digits, bytes are base64. */
function toJson(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) {
    return '{"b64":"' + btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')) + '"}';
  }
  if (Array.isArray(value)) return '[' + value.map(toJson).join(',') + ']';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return '{' + Object.entries(value).map(([name, item]) => JSON.stringify(name) + ':' + toJson(item)).join(',') + '}';
}

/** The reverse. What JSON.parse has no form for is wrapped for it: \`{"\\0": "NaN"}\`. */
function fromJson(text: string): unknown {
  if (!/NaN|Infinity|\\d{16}/.test(text)) return JSON.parse(text);
  const tokens = /"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|-?(?:NaN|Infinity|\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d+)?)/g;
  const wrapped = text.replace(tokens, (token) =>
    /^-?(?:[NI]|\\d{16,}$)/.test(token) ? '{"\\\\u0000":"' + token + '"}' : token,
  );
  return JSON.parse(wrapped, (_, value) => {
    const token: unknown = typeof value === 'object' && value !== null ? value['\\0'] : undefined;
    if (typeof token !== 'string') return value;
    return /\\d/.test(token) && !Number.isSafeInteger(Number(token)) ? BigInt(token) : Number(token);
  });
}

function restError(status: number, text: string): RestError {
  let answer: { error?: unknown; hint?: unknown } = {};
  try {
    answer = JSON.parse(text) ?? {};
  } catch {
    // It is not an answer of the model server.
  }
  const { error, hint } = answer;
  return new RestError(status, typeof error === 'string' ? error : text, typeof hint === 'string' ? hint : undefined);
}
`;
}
