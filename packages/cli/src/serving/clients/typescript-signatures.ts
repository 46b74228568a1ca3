/** The part of generated TypeScript that differs from model to model: an interface with all signatures. */
import { type ClientModel, type ClientSignature, type ClientTensor, tensorText } from './client-model.js';
import { commentText, pascalCase, propertyName } from './typescript-text.js';

/** The comment at the top of a file; `command` wrote it. */
export function typescriptHeader(model: ClientModel, command: string): string {
  const version = model.version === undefined ? '' : `, version ${model.version}`;
  const leftOut = model.leftOut.map(({ name, reason }) => `Left out: signature ${JSON.stringify(name)}, ${reason}.`);
  const lines = [
    `Signatures of the model ${JSON.stringify(model.name)}${version}, and typed calls.`,
    `Written by \`${command}\`. When the signatures change, run the command again.`,
    ...leftOut,
  ];
  return `/**\n${lines.map((line) => ` * ${commentText(line)}`).join('\n')}\n */\n`;
}

/** `export interface DigitsModel { … }` and the types that describe its tensors. */
export function typescriptSignatures(model: ClientModel): string {
  const interfaceName = `${pascalCase(model.name)}Model`;
  return `/** A tensor of a signature: its data type and shape, with -1 where a size is free; \`null\` is an unknown rank. */
export interface TensorType<DataType extends string, Shape extends readonly number[] | null> {
  readonly dtype: DataType;
  readonly shape: Shape;
}

/** What the model takes and gives, by signature. */
export interface ${interfaceName} {
${model.signatures.map(signatureMember).join('')}}

/** Values in arrays of arrays, nested as deep as the shape is long. */
export type Nested<Value, Shape> = Shape extends readonly [unknown, ...infer Rest]
  ? readonly Nested<Value, Rest>[]
  : Shape extends readonly []
    ? Value
    : Value | readonly Nested<Value, null>[];

type Signatures = ${interfaceName};
type DefinedTensor<Type> = Exclude<Type, undefined>;
/** One value of an input. */
type Scalar<DataType> = DataType extends 'string'
  ? string | Uint8Array
  : DataType extends 'bool'
    ? boolean
    : DataType extends 'int64' | 'uint64'
      ? bigint | number
      : number;
`;
}

/** How a generic parameter over signatures is declared, and the request's member that chooses one. */
export function signatureChoice(signatures: readonly ClientSignature[]): { parameter: string; member: string } {
  const hasDefault = signatures.some(({ name }) => name === 'serving_default');
  return hasDefault
    ? { parameter: " = 'serving_default'", member: "/** Default: 'serving_default'. */\n  readonly signatureName?: S;" }
    : { parameter: '', member: 'readonly signatureName: S;' };
}

function signatureMember({ name, inputs, outputs }: ClientSignature): string {
  return `  readonly ${propertyName(name)}: {
    readonly inputs: {${tensorMembers(inputs)}};
    readonly outputs: {${tensorMembers(outputs)}};
  };
`;
}

function tensorMembers(tensors: readonly ClientTensor[]): string {
  if (tensors.length === 0) return '';
  const members = tensors.map((tensor) => {
    const { alias, dtype, shape, hasDefault } = tensor;
    const type = `TensorType<'${dtype}', ${shape === undefined ? 'null' : `[${shape.join(', ')}]`}>`;
    return `
      /** ${tensorText(tensor)}${hasDefault ? '; has a default' : ''} */
      readonly ${propertyName(alias)}${hasDefault ? '?' : ''}: ${type};`;
  });
  return `${members.join('')}\n    `;
}
