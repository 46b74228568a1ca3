/** BMP images. */
import { ServingError } from '@serving/core';
import { checkImageSize, type DecodedImage } from './decoded-image.js';

/**
 * Decodes a BMP file without compression, of 8 bits (grey), 24 or 32.
 *
 * @throws ServingError `INVALID_ARGUMENT` for other files.
 */
export function decodeBmp(bytes: Uint8Array): DecodedImage {
  const fail = (reason: string): never => {
    throw new ServingError('INVALID_ARGUMENT', `Invalid BMP data, data size ${bytes.length} (${reason})`);
  };
  if (bytes.length < 54) fail('incomplete header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [start, width, signedHeight, bits] = [
    view.getUint32(10, true),
    view.getInt32(18, true),
    view.getInt32(22, true),
    view.getUint16(28, true),
  ];
  const height = Math.abs(signedHeight);
  checkImageSize(width, height);
  const channels = bits / 8;
  if (![1, 3, 4].includes(channels)) fail(`${bits} bits a pixel are not supported`);
  const stride = (width * channels + 3) & ~3;
  if (start + stride * (height - 1) + width * channels > bytes.length) fail('the pixels end early');
  const data = new Uint8Array(width * height * channels);
  const order = [[0], [], [2, 1, 0], [2, 1, 0, 3]][channels - 1]!;
  for (let y = 0; y < height; y++) {
    const row = start + (signedHeight < 0 ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = bytes[row + x * channels + order[c]!]!;
    }
  }
  return { width, height, channels, data };
}
