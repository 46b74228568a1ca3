/** The HTTP request of a predict, classify or regress, in each form that the server takes. */
import type { MountedApis, SignatureInfo } from '../../../src/api/console-api.js';
import { EXAMPLE } from '../tensors/data-type.js';
import { elementBytes } from '../tensors/element-bytes.js';
import { elementTexts } from '../tensors/json.js';
import { nestedText } from '../tensors/nested-values.js';
import type { Tensor } from '../tensors/tensor.js';
import { ValueError } from '../tensors/value-error.js';
import type { FieldValue } from './field-value.js';

export const FORMS = {
  examples: 'REST v1, examples',
  rows: 'REST v1, rows',
  columns: 'REST v1, columns',
  raw: 'REST v1, binary',
  v2: 'Open Inference, JSON',
  v2binary: 'Open Inference, binary',
} as const;
export type CallForm = keyof typeof FORMS;

/** The verb of a signature that takes tf.Examples; `undefined` for one of tensors. */
export function exampleVerb({ methodName }: SignatureInfo): string | undefined {
  return /\/(classify|regress)$/.exec(methodName)?.[1];
}

/** What a form asks for, in place of the inputs of a signature: the examples that these are made of. */
export function exampleInputs(signature: SignatureInfo): SignatureInfo {
  return { ...signature, inputs: [{ name: 'examples', dtype: EXAMPLE }] };
}

/** Which version of which model is called. */
export interface CallTarget {
  readonly model: string;
  /** Absent for the one that the server chooses. */
  readonly version?: string;
  readonly signature: SignatureInfo;
}

export interface HttpCall {
  readonly form: CallForm;
  readonly target: CallTarget;
  /** Relative to the console's base. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/**
 * The request for values by input name.
 *
 * @throws ValueError for values that the form can not carry, with the input's name where it is one input
 */
export function callOf(
  form: CallForm,
  target: CallTarget,
  values: ReadonlyMap<string, FieldValue>,
  apis: MountedApis,
  output?: string,
): HttpCall {
  const model = encodeURIComponent(target.model);
  const versions = target.version === undefined ? '' : `/versions/${target.version}`;
  const v1 = `${apis.v1}/models/${model}${versions}:predict`;
  const v2 = `${apis.v2}/models/${model}${versions}/infer`;
  const json = { 'Content-Type': 'application/json' };
  switch (form) {
    case 'examples':
      return {
        form,
        target,
        address: `${apis.v1}/models/${model}${versions}:${exampleVerb(target.signature)}`,
        headers: json,
        body: examplesBody(target, values),
      };
    case 'rows':
      return { form, target, address: v1, headers: json, body: rowsBody(target, values) };
    case 'columns':
      return { form, target, address: v1, headers: json, body: columnsBody(target, values) };
    case 'raw':
      return { form, target, address: v1, ...rawBody(target, values, output) };
    case 'v2':
      return { form, target, address: v2, headers: json, body: openInferenceBody(target, values) };
    case 'v2binary':
      return { form, target, address: v2, ...openInferenceBinary(target, values) };
  }
}

function signatureMember({ name }: SignatureInfo): string {
  return name === 'serving_default' ? '' : `"signature_name": ${JSON.stringify(name)}, `;
}

/** One example may stand without a list. */
function examplesBody({ signature }: CallTarget, values: ReadonlyMap<string, FieldValue>): string {
  const text = values.get('examples')?.json ?? '[]';
  return `{${signatureMember(signature)}"examples": ${text.startsWith('[') ? text : `[${text}]`}}`;
}

function columnsBody({ signature }: CallTarget, values: ReadonlyMap<string, FieldValue>): string {
  const members = Array.from(values, ([name, { json }]) => `${JSON.stringify(name)}: ${json}`);
  return `{${signatureMember(signature)}"inputs": {${members.join(', ')}}}`;
}

function rowsBody({ signature }: CallTarget, values: ReadonlyMap<string, FieldValue>): string {
  const columns = Array.from(values, ([name, { json }]) => ({ name, rows: elementTexts(json) }));
  const [first] = columns;
  if (first === undefined) return `{${signatureMember(signature)}"instances": [{}]}`;
  // What is not a list goes out as it is: the server's error says what it expects.
  if (values.size === 1) return `{${signatureMember(signature)}"instances": ${values.get(first.name)?.json}}`;
  const rows = Math.max(...columns.map(({ rows }) => rows?.length ?? 1));
  const instances = Array.from({ length: rows }, (_, i) => {
    const members = columns.flatMap(({ name, rows }) => {
      const text = rows === undefined ? values.get(name)?.json : rows[i];
      return text === undefined ? [] : [`${JSON.stringify(name)}: ${text}`];
    });
    return `{${members.join(', ')}}`;
  });
  return `{${signatureMember(signature)}"instances": [${instances.join(', ')}]}`;
}

function rawBody(
  { signature }: CallTarget,
  values: ReadonlyMap<string, FieldValue>,
  output: string | undefined,
): Pick<HttpCall, 'headers' | 'body'> {
  const [entry, another] = values;
  if (entry === undefined || another !== undefined) {
    throw new ValueError(
      `A binary request holds one tensor; signature "${signature.name}" gets ${values.size} inputs.`,
    );
  }
  const tensor = entry[1].tensor();
  if (tensor.dtype.kind === 'string') throw new ValueError('Strings have no binary form in REST v1.');
  return {
    headers: {
      'Content-Type': 'application/octet-stream',
      'Serving-Shape': tensor.shape.join(','),
      'Serving-Dtype': tensor.dtype.name,
      ...(signature.name !== 'serving_default' && { 'Serving-Signature': signature.name }),
      // Several outputs have no raw form; JSON carries all of them.
      ...(output === undefined ? { Accept: 'application/json' } : { 'Serving-Output': output }),
    },
    body: elementBytes(tensor.values, tensor.dtype),
  };
}

function tensorHead(name: string, { dtype, shape }: Tensor): string {
  if (dtype.openInference === undefined) {
    throw new ValueError(`The Open Inference Protocol has no data type for ${dtype.name} of input "${name}".`);
  }
  return `"name": ${JSON.stringify(name)}, "shape": [${shape.join(', ')}], "datatype": "${dtype.openInference}"`;
}

function parameters({ signature }: CallTarget, binaryOutput: boolean): string {
  const members = [
    ...(signature.name === 'serving_default' ? [] : [`"signature_name": ${JSON.stringify(signature.name)}`]),
    ...(binaryOutput ? ['"binary_data_output": true'] : []),
  ];
  return members.length === 0 ? '' : `"parameters": {${members.join(', ')}}, `;
}

function openInferenceBody(target: CallTarget, values: ReadonlyMap<string, FieldValue>): string {
  const inputs = Array.from(values, ([name, value]) => {
    const tensor = value.tensor();
    if (Array.from(tensor.values).some((item) => item instanceof Uint8Array)) {
      throw new ValueError(
        `Input "${name}" has bytes that are not text; the JSON of the Open Inference Protocol has text only.`,
      );
    }
    const flat = nestedText({ shape: [tensor.values.length], values: tensor.values });
    return `{${tensorHead(name, tensor)}, "data": ${flat}}`;
  });
  return `{${parameters(target, false)}"inputs": [${inputs.join(', ')}]}`;
}

function openInferenceBinary(
  target: CallTarget,
  values: ReadonlyMap<string, FieldValue>,
): Pick<HttpCall, 'headers' | 'body'> {
  const parts: Uint8Array[] = [];
  const inputs = Array.from(values, ([name, value]) => {
    const tensor = value.tensor();
    const bytes = elementBytes(tensor.values, tensor.dtype);
    parts.push(bytes);
    return `{${tensorHead(name, tensor)}, "parameters": {"binary_data_size": ${bytes.length}}}`;
  });
  const head = new TextEncoder().encode(`{${parameters(target, true)}"inputs": [${inputs.join(', ')}]}`);
  const body = new Uint8Array(parts.reduce((total, part) => total + part.length, head.length));
  let at = 0;
  for (const part of [head, ...parts]) {
    body.set(part, at);
    at += part.length;
  }
  return {
    headers: { 'Content-Type': 'application/octet-stream', 'Inference-Header-Content-Length': String(head.length) },
    body,
  };
}
