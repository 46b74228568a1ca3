/** Base64 for URLs. */
import { ServingError } from '@serving/core/portable';
import { boolAttribute } from '../../graph/attribute-readers.js';
import { latin1Bytes, latin1Text } from '../elements/bytes.js';
import { mapStrings } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';

/** `EncodeBase64`. */
export const encodeBase64Kernel: KernelFactory = ({ attributes }) => {
  const pads = boolAttribute(attributes, 'pad', false);
  return ([x]) => [
    mapStrings(x!, (value) => {
      const text = btoa(latin1Text(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
      return pads ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
    }),
  ];
};

/** `DecodeBase64`: with padding or without. */
export const decodeBase64Kernel: KernelFactory =
  () =>
  ([x]) => [
    mapStrings(x!, (value) => {
      const text = latin1Text(value);
      const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
      if (!/^[A-Za-z0-9_-]*$/.test(bare)) {
        throw new ServingError('INVALID_ARGUMENT', 'Invalid character found in base64.');
      }
      if (bare.length % 4 === 1) {
        throw new ServingError('INVALID_ARGUMENT', 'Base64 string length cannot be 1 modulo 4.');
      }
      return latin1Bytes(atob(bare.replaceAll('-', '+').replaceAll('_', '/')));
    }),
  ];
