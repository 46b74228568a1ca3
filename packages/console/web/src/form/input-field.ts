/** One input of a signature and the value that a person has given for it. */
import { type Signal, signal } from '@preact/signals';
import type { Dimension, SignatureTensor } from '../../../src/api/console-api.js';
import { type ImageLayout, imageLayoutOf } from '../files/pixels.js';
import { type FieldValue, valueOfTensor, valueOfText } from '../requests/field-value.js';
import { type DataType, dataTypeOf } from '../tensors/data-type.js';
import type { Tensor } from '../tensors/tensor.js';
import { ValueError } from '../tensors/value-error.js';
import { exampleText, isSmall, likelySizes } from './initial-value.js';

/** Where a value comes from. */
export const SOURCES = {
  text: 'Values',
  lines: 'Text',
  image: 'Image',
  draw: 'Draw',
  file: '.npy file',
  bytes: 'File',
  fill: 'Fill',
} as const;
export type Source = keyof typeof SOURCES;

/** Sources whose value is a tensor that the page makes. */
export type TensorSource = Exclude<Source, 'text' | 'lines'>;

const MISSING: Readonly<Record<TensorSource, string>> = {
  image: 'Drop or choose an image first.',
  draw: 'Draw something first.',
  file: 'Drop or choose a .npy file first.',
  bytes: 'Drop or choose a file first.',
  fill: 'Choose how to fill the tensor first.',
};

export class InputField {
  readonly name: string;
  readonly dtype: DataType;
  readonly dimensions: readonly Dimension[] | undefined;
  readonly isOptional: boolean;
  /** How a picture fills the input; `undefined` for inputs that are not of images. */
  readonly imageLayout: ImageLayout | undefined;
  readonly sources: readonly Source[];

  readonly source: Signal<Source>;
  /** JSON or a table. */
  readonly text: Signal<string>;
  /** One string per line. */
  readonly lines: Signal<string> = signal('');
  readonly tensors: Signal<{ readonly [Key in TensorSource]?: Tensor }> = signal({});
  /** Where a tensor came from, such as a file's name. */
  readonly origin: Signal<string> = signal('');
  readonly error: Signal<string | undefined> = signal(undefined);
  readonly isLeftOut: Signal<boolean>;
  /** Counts changes of the value. */
  readonly changes: Signal<number> = signal(0);

  constructor({ name, dtype, shape, isOptional }: SignatureTensor) {
    this.name = name;
    this.dtype = dataTypeOf(dtype);
    this.dimensions = shape;
    this.isOptional = isOptional ?? false;
    const isNumeric = this.dtype.kind === 'float' || this.dtype.kind === 'integer';
    this.imageLayout = isNumeric ? imageLayoutOf(this.shape, 224) : undefined;
    this.sources = this.#possibleSources();
    this.text = signal(exampleText(this.dtype, shape));
    this.source = signal(this.#firstSource());
    this.isLeftOut = signal(this.isOptional);
  }

  /** Declared sizes, -1 for any; `undefined` for an unknown rank. */
  get shape(): readonly number[] | undefined {
    return this.dimensions?.map(({ size }) => size);
  }

  /** Keeps a tensor of a source, and chooses the source. */
  takeTensor(source: TensorSource, tensor: Tensor, origin = ''): void {
    this.tensors.value = { ...this.tensors.value, [source]: tensor };
    this.origin.value = origin;
    this.source.value = source;
    this.touch();
  }

  takeText(text: string): void {
    this.text.value = text;
    this.source.value = 'text';
    this.touch();
  }

  /** Called after each change: an error of the value before does not concern the new one. */
  touch(): void {
    this.error.value = undefined;
    this.isLeftOut.value = false;
    this.changes.value++;
  }

  /**
   * What is to be sent; `undefined` for an optional input that is left out.
   *
   * @throws JsonSyntaxError or ValueError for a value that can not be read, or is missing
   */
  value(): FieldValue | undefined {
    if (this.isLeftOut.value) return undefined;
    const source = this.source.value;
    if (source === 'text') return valueOfText(this.text.value, this.dtype, this.shape);
    if (source === 'lines') {
      const values = this.shape?.length === 0 ? [this.lines.value] : this.lines.value.split('\n');
      return valueOfTensor({ dtype: this.dtype, shape: lineShape(values.length, this.shape), values });
    }
    const tensor = this.tensors.value[source];
    if (tensor === undefined) throw new ValueError(MISSING[source]);
    return valueOfTensor(tensor);
  }

  /** Whether the value has the data type and a shape that the input declares. */
  isSuitable(): boolean {
    try {
      const shape = this.value()?.tensor().shape;
      const declared = this.shape;
      if (shape === undefined || declared === undefined) return true;
      return shape.length === declared.length && declared.every((size, i) => size < 0 || size === shape[i]);
    } catch {
      return false;
    }
  }

  #possibleSources(): readonly Source[] {
    if (this.dtype.kind === 'string') return ['text', 'lines', 'bytes', 'file'];
    if (this.dtype.kind === 'other' || this.dtype.kind === 'example') return ['text'];
    return this.imageLayout ? ['image', 'draw', 'text', 'file', 'fill'] : ['text', 'file', 'fill'];
  }

  #firstSource(): Source {
    if (this.dtype.kind === 'string') return 'lines';
    if (this.dtype.kind === 'example') return 'text';
    if (this.imageLayout?.isLikely) return this.imageLayout.channels === 1 ? 'draw' : 'image';
    return isSmall(likelySizes(this.dimensions)) ? 'text' : 'fill';
  }
}

/** Lines are the first dimension; others have size 1. */
function lineShape(count: number, shape: readonly number[] | undefined): number[] {
  if (shape === undefined) return [count];
  return shape.map((_, i) => (i === 0 ? count : 1));
}
