/** Files that are dropped on a field or chosen for it. */
import { type Signal, signal } from '@preact/signals';
import { readNpyFile } from '../files/npy-file.js';
import type { DataType } from '../tensors/data-type.js';
import { shapeText, type Tensor } from '../tensors/tensor.js';
import { ValueError } from '../tensors/value-error.js';
import type { InputField } from './input-field.js';

/** Pictures that were dropped, by field: the image source scales them. */
export const pictures: Signal<ReadonlyMap<InputField, ImageBitmap>> = signal(new Map());

/** Takes a file in the way that suits its type and the input; the field says what is wrong with it. */
export async function takeFile(field: InputField, file: File): Promise<void> {
  try {
    if (file.name.endsWith('.npy')) await takeNpyFile(field, file);
    else if (/\.(?:json|csv|tsv|txt)$/i.test(file.name) && field.dtype.kind !== 'other')
      field.takeText(await file.text());
    else if (field.sources.includes('bytes')) await takeBytes(field, file);
    else if (field.imageLayout) await takePicture(field, file);
    else throw new ValueError(`"${file.name}" is not a .npy, .json or .csv file, and the input is not an image.`);
  } catch (error) {
    field.error.value = (error as Error).message;
  }
}

/** The file's bytes are one element of a string input. */
async function takeBytes(field: InputField, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const shape = (field.shape ?? [1]).map(() => 1);
  field.takeTensor('bytes', { dtype: field.dtype, shape, values: [bytes] }, file.name);
}

async function takePicture(field: InputField, file: File): Promise<void> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new ValueError(`The browser can not read "${file.name}" as an image.`);
  }
  pictures.value = new Map(pictures.value).set(field, bitmap);
  field.origin.value = file.name;
  field.source.value = 'image';
}

async function takeNpyFile(field: InputField, file: File): Promise<void> {
  const tensor = readNpyFile(new Uint8Array(await file.arrayBuffer()));
  const converted = convert(tensor, field.dtype);
  const note = converted === tensor ? '' : `, converted from ${tensor.dtype.name}`;
  field.takeTensor('file', converted, `${file.name}: ${tensor.dtype.name} ${shapeText(tensor.shape)}${note}`);
}

/** Numbers change their type as the input has it, unless an integer input would lose a fraction. */
function convert(tensor: Tensor, dtype: DataType): Tensor {
  const { dtype: from } = tensor;
  if (from.name === dtype.name) return tensor;
  const isNumber = (type: DataType): boolean => type.kind === 'float' || type.kind === 'integer';
  if (!isNumber(from) || !isNumber(dtype)) {
    throw new ValueError(`The file holds ${from.name} values; the input takes ${dtype.name}.`);
  }
  const values = Array.from(tensor.values);
  if (dtype.kind === 'integer' && values.some((value) => typeof value === 'number' && !Number.isInteger(value))) {
    throw new ValueError(`The file holds ${from.name} values with fractions; the input takes ${dtype.name}.`);
  }
  return { ...tensor, dtype, values: dtype.kind === 'float' ? values.map(Number) : values };
}
