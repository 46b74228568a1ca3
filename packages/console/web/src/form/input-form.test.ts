import { describe, expect, it } from 'vitest';
import type { SignatureTensor } from '../../../src/api/console-api.js';
import { InputForm } from './input-form.js';

const input = (name: string, dtype: string, ...sizes: number[]): SignatureTensor => ({
  name,
  dtype,
  shape: sizes.map((size) => ({ size })),
});
const formOf = (...inputs: SignatureTensor[]): InputForm =>
  new InputForm({ name: 'serving_default', methodName: '', inputs, outputs: [] });
const valuesOf = (form: InputForm): unknown => Array.from(form.values(true) ?? [], ([name, { json }]) => [name, json]);
const errorsOf = (form: InputForm): unknown => form.fields.map(({ error }) => error.value);

describe('the form of a signature', () => {
  it.each<[SignatureTensor, source: string, text: string]>([
    [input('x', 'DT_FLOAT', -1, 3), 'text', '[[1, 1, 1]]'],
    [input('x', 'DT_INT64'), 'text', '1'],
    [input('x', 'DT_BOOL', -1), 'text', '[true]'],
    [input('x', 'DT_STRING', -1), 'lines', '["text"]'],
    [input('x', 'DT_FLOAT', -1, 28, 28, 1), 'draw', ''],
    [input('x', 'DT_FLOAT', -1, 224, 224, 3), 'image', ''],
    [input('x', 'DT_FLOAT', -1, 512), 'fill', ''],
    [{ name: 'x', dtype: 'DT_FLOAT' }, 'text', '[1]'],
  ])('begins %j with the source "%s"', (tensor, source, text) => {
    const [field] = formOf(tensor).fields;
    expect([field?.source.value, field?.text.value]).toEqual([source, text]);
  });

  it('sends text as it was typed, and leaves optional inputs out', () => {
    const form = formOf(input('x', 'DT_FLOAT', -1), { ...input('y', 'DT_FLOAT', -1), isOptional: true });
    form.fields[0]?.takeText('[1.0, "wrong"]');
    expect(valuesOf(form)).toEqual([['x', '[1.0, "wrong"]']]);
  });

  it('says beside a field why its value can not be read, when it is asked to', () => {
    const form = formOf(input('x', 'DT_FLOAT', -1), input('y', 'DT_FLOAT', -1));
    form.fields[1]?.takeText('[1');
    expect(form.values(false)).toBeUndefined();
    expect(errorsOf(form)).toEqual([undefined, undefined]);
    expect(form.values(true)).toBeUndefined();
    expect(errorsOf(form)).toEqual([undefined, expect.stringContaining('Not JSON')]);
  });

  it.each<[message: string, texts: [string, string], place: number | undefined]>([
    ['Input "y" of model "m" has shape [1,3]', ['[1]', '[1]'], 1],
    ['JSON Value: "a" Type: String is not of expected type: float', ['["a"]', '[1]'], 0],
    ['The shape is wrong', ['[1]', '[[1]]'], 1],
    ['Missing xylophone', ['[1]', '[1]'], undefined],
    ['Something is wrong', ['["a"]', '["a"]'], undefined],
  ])('shows "%s" for %j beside field %s', (message, texts, place) => {
    const form = formOf(input('x', 'DT_FLOAT', -1), input('y', 'DT_FLOAT', -1));
    for (const [i, text] of texts.entries()) form.fields[i]?.takeText(text);
    expect(form.showError(message)).toBe(place !== undefined);
    expect(errorsOf(form)).toEqual([0, 1].map((i) => (i === place ? message : undefined)));
  });

  it('takes an example, integers with all digits', () => {
    const form = formOf(input('x', 'DT_INT64', -1), input('y', 'DT_STRING', -1));
    form.takeExample({ title: '', signature: '', inputs: { x: [9007199254740993n], y: [{ b64: '/w==' }] } });
    expect(valuesOf(form)).toEqual([
      ['x', '[9007199254740993]'],
      ['y', '[{"b64": "/w=="}]'],
    ]);
  });
});
