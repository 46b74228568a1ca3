/** What `show --all` prints of the functions that a model's root object has. */
import type { ConcreteFunctionOutline, MetaGraphOutline } from '@serving/protos/saved-model';
import { byCodePoint } from './python-text.js';
import { type PythonValue, toPythonValue } from './python-value.js';

/** The section with its title, a line break in front; nothing for a model of TensorFlow 1, which has no objects. */
export function functionsText(metaGraphs: readonly MetaGraphOutline[]): string {
  if (metaGraphs.every(({ functions }) => functions === undefined)) return '';
  const [only, ...others] = metaGraphs;
  // TensorFlow loads such a file only with the tags given.
  if (others.length > 0) return '\nConcrete Functions: N/A (could not be listed due to unknown reasons)\n';
  const functions = Array.from(only?.functions ?? []).sort(([a], [b]) => byCodePoint(a, b));
  return `\nConcrete Functions:${functions.map(([name, traces]) => functionText(name, traces)).join('')}`;
}

function functionText(name: string, traces: readonly ConcreteFunctionOutline[]): string {
  return `\n  Function Name: '${name}'\n${traces.map((trace, i) => traceText(trace, i + 1)).join('')}`;
}

function traceText({ inputSignature, argumentKeywords }: ConcreteFunctionOutline, option: number): string {
  const signature = inputSignature && toPythonValue(inputSignature).items;
  const positional: PythonValue[] = signature
    ? [...(signature[0]?.items ?? [])]
    : argumentKeywords.map((keyword) => toPythonValue({ stringValue: keyword }));
  const named = signature?.[1]?.keys ?? [];
  const head = positional.length > 0 ? `    Option #${option}\n      Callable with:\n` : '';
  return (
    head +
    positional.map((value, i) => `        Argument #${i + 1}\n${argumentText(value)}`).join('') +
    named.map((name, i) => `        Named Argument #${i + 1}\n          ${name}\n`).join('')
  );
}

/** The tool ends a list by moving the cursor back over its last comma. */
const BACK = '\b\b';

function argumentText(value: PythonValue): string {
  const { typeName, specName, items, keys } = value;
  const indent = ' '.repeat(10);
  if (typeName === 'str') return `${indent}${value.str}\n`;
  if (specName !== undefined) return `${indent}${specName}: ${value.repr}\n`;
  const head = `${indent}DType: ${typeName}\n${indent}Value: `;
  if (!items) return `${head}${value.str}\n`;
  const texts = items.map((item) => (item.typeName === 'str' ? `'${item.str}'` : item.str));
  const [open, close] = keys ? ['{', '}'] : ['[', ']'];
  const members = texts.map((text, i) => `${keys ? `'${keys[i]}': ` : ''}${text}, `);
  return `${head}${open}${members.join('')}${BACK}${close}\n`;
}
