/** Element types of a graph's values, as far as they follow from operators. */
import { fieldText, messageFields } from './message-fields.js';
import type { OnnxNodeOutline } from './model-outline.js';

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;
const BOOL = 9;

/** Operators whose outputs have one type, whatever the inputs have. */
const fixedTypes = new Map<string, number>([
  ...['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero', 'NonMaxSuppression'].map((name) => [name, INT64] as const),
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Not', 'And', 'Or', 'Xor', 'IsNaN', 'IsInf'].map(
    (name) => [name, BOOL] as const,
  ),
  ...['MatMulInteger', 'ConvInteger'].map((name) => [name, INT32] as const),
  ...['RandomNormal', 'RandomUniform', 'HannWindow', 'HammingWindow'].map((name) => [name, FLOAT] as const),
]);

/** Operators whose outputs have the type of another input than the first. */
const typeInputs = new Map<string, number>([
  ['Where', 1],
  ['CastLike', 1],
  ['DequantizeLinear', 1],
  ['OneHot', 2],
  ['QuantizeLinear', 2],
]);

const NODE_ATTRIBUTE = 5;
const ATTRIBUTE = { name: 1, int: 3 };

/** The type of an output of a node; `undefined` where it is not known. */
export function outputType(
  node: OnnxNodeOutline,
  index: number,
  typeOf: (value: string) => number | undefined,
): number | undefined {
  const { operator, inputs, tensors } = node;
  const fixed = fixedTypes.get(operator);
  if (fixed !== undefined) return fixed;
  if (index > 0 && (operator === 'TopK' || operator === 'Unique')) return INT64;
  if (operator === 'Cast') return intAttribute(node, 'to');
  if (operator === 'Constant') return tensors[0]?.elementType ?? (hasAttribute(node, /^value_ints?$/) ? INT64 : FLOAT);
  if (operator === 'ConstantOfShape') return tensors[0]?.elementType ?? FLOAT;
  const at = typeInputs.get(operator);
  if (at !== undefined) return typeOf(inputs[at] ?? '');
  for (const input of inputs) {
    const type = typeOf(input);
    if (type !== undefined) return type;
  }
  return undefined;
}

function attributesOf({ bytes }: OnnxNodeOutline): { readonly name: string; readonly int: number | undefined }[] {
  return messageFields(bytes)
    .filter(({ number }) => number === NODE_ATTRIBUTE)
    .map(({ content }) => {
      const fields = messageFields(content);
      const name = fields.find(({ number }) => number === ATTRIBUTE.name);
      return { name: name ? fieldText(name) : '', int: fields.find(({ number }) => number === ATTRIBUTE.int)?.value };
    });
}

function intAttribute(node: OnnxNodeOutline, name: string): number | undefined {
  return attributesOf(node).find((attribute) => attribute.name === name)?.int;
}

function hasAttribute(node: OnnxNodeOutline, name: RegExp): boolean {
  return attributesOf(node).some((attribute) => name.test(attribute.name));
}
