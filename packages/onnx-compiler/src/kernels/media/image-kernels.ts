/** Kernels that decode images. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute, intAttribute, textAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { numberTensor } from '../elements/numbers.js';
import { stringsOf } from '../elements/string-builder.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { decodeBmp } from './bmp-decoder.js';
import { type DecodedImage, withChannels } from './decoded-image.js';
import { decodeJpeg, type JpegOptions } from './jpeg/jpeg-decoder.js';
import { JpegError } from './jpeg/jpeg-frame.js';
import { decodePng, PngError } from './png-decoder.js';

type Format = 'JPEG' | 'PNG' | 'GIF' | 'BMP';

function formatOf(bytes: Uint8Array): Format | undefined {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (start === '\x89PNG\r\n\x1a\n') return 'PNG';
  if (start.startsWith('GIF8')) return 'GIF';
  return start.startsWith('BM') ? 'BMP' : undefined;
}

function decode(bytes: Uint8Array, jpeg: JpegOptions): DecodedImage {
  const format = formatOf(bytes);
  try {
    if (format === 'JPEG') return decodeJpeg(bytes, jpeg);
    if (format === 'PNG') return withChannels(decodePng(bytes), jpeg.channels);
    if (format === 'BMP') return withChannels(decodeBmp(bytes), jpeg.channels);
  } catch (cause) {
    if (!(cause instanceof JpegError || cause instanceof PngError)) throw cause;
    const what = format === 'JPEG' ? 'Invalid JPEG data or crop window' : 'Invalid PNG data';
    throw new ServingError('INVALID_ARGUMENT', `${what}, data size ${bytes.length} (${cause.message})`, { cause });
  }
  if (format === 'GIF') throw new ServingError('UNIMPLEMENTED', 'GIF images are not supported on ONNX Runtime');
  throw new ServingError(
    'INVALID_ARGUMENT',
    'Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required.',
  );
}

function channelsOf({ attributes }: KernelContext): number {
  const channels = intAttribute(attributes, 'channels', 0);
  if ([0, 1, 3, 4].includes(channels)) return channels;
  throw new ServingError('INVALID_ARGUMENT', `channels must be 0, 1, 3, or 4, got ${channels}`);
}

function imageTensor({ width, height, channels, data }: DecodedImage, dtype: string): Tensor {
  const shape = [height, width, channels];
  if (dtype === 'uint8') return { dtype: 'uint8', shape, data };
  return numberTensor(
    'float',
    shape,
    Float32Array.from(data, (sample) => sample * Math.fround(1 / 255)),
  );
}

function decodeKernel(jpegOptions: (context: KernelContext) => Omit<JpegOptions, 'channels'>): KernelFactory {
  return (context) => {
    const channels = channelsOf(context);
    const dtype = typeAttributeOr(context, 'uint8');
    if (dtype !== 'uint8' && dtype !== 'float') {
      throw new ServingError('UNIMPLEMENTED', `images of ${dtype} are not supported outside of TensorFlow`);
    }
    const jpeg = { ...jpegOptions(context), channels };
    return ([contents]) => {
      if (contents!.shape.length > 0) {
        throw new ServingError('INVALID_ARGUMENT', `\`contents\` must be scalar but got shape[${contents!.shape}]`);
      }
      return [imageTensor(decode(stringsOf(contents!).at(0), jpeg), dtype)];
    };
  };
}

function typeAttributeOr({ attributes }: KernelContext, fallback: string): string {
  return attributes.has('dtype') ? typeAttribute(attributes, 'dtype') : fallback;
}

const decodeJpegKernel = decodeKernel(({ attributes }) => {
  const ratio = intAttribute(attributes, 'ratio', 1);
  if (ratio !== 1) throw new ServingError('UNIMPLEMENTED', `decoding at a ratio of 1/${ratio} is not supported`);
  return {
    accurate: textAttribute(attributes, 'dct_method', '') === 'INTEGER_ACCURATE',
    fancyUpscaling: boolAttribute(attributes, 'fancy_upscaling', true),
  };
});

const decodeOther = decodeKernel(() => ({ accurate: false, fancyUpscaling: true }));

/** Kernels that decode images, by operation. */
export const imageKernels: Readonly<Record<string, KernelFactory>> = {
  DecodeBmp: decodeOther,
  DecodeImage: decodeOther,
  DecodeJpeg: decodeJpegKernel,
  DecodePng: decodeOther,
};
