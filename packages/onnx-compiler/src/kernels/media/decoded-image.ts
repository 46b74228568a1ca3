/** Images in memory. */
import { ServingError } from '@serving/core';

/** Samples of 8 bits, row by row, channels together. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Larger images are refused before memory is taken for them. */
const MAX_PIXELS = 2 ** 26;

/** @throws ServingError `INVALID_ARGUMENT` for a size of 0 or beyond the limit. */
export function checkImageSize(width: number, height: number): void {
  if (width > 0 && height > 0 && width * height <= MAX_PIXELS) return;
  throw new ServingError(
    'INVALID_ARGUMENT',
    `An image of ${width} x ${height} pixels can't be decoded; it must have 1 to ${MAX_PIXELS} pixels`,
  );
}

/** The image with another number of channels: grey and colour, with alpha or without; 0 keeps what there is. */
export function withChannels(image: DecodedImage, wanted: number): DecodedImage {
  if (wanted === 0 || wanted === image.channels) return image;
  const { width, height, channels, data } = image;
  const result = new Uint8Array(width * height * wanted);
  const [colors, wantedColors] = [channels < 3 ? 1 : 3, wanted < 3 ? 1 : 3];
  if (colors > wantedColors) {
    throw new ServingError('UNIMPLEMENTED', `A colour image can't be decoded with ${wanted} channels`);
  }
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < wantedColors; c++) result[i * wanted + c] = data[i * channels + Math.min(c, colors - 1)]!;
    if (wanted > wantedColors)
      result[i * wanted + wantedColors] = channels > colors ? data[i * channels + colors]! : 255;
  }
  return { width, height, channels: wanted, data: result };
}
