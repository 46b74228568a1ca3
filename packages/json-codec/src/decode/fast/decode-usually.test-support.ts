/** The decoder of usual bodies, in one go. */

import { UNLIMITED } from '../../slicing/slice-budget.js';
import type { DecodedPredictRequest, SignatureLookup } from '../decoded-predict-request.js';
import { FastPathDecoder } from '../predict-request-decoder.js';

/** The request; `undefined` when the decoder gives up. */
export function decodeUsually(body: Uint8Array, lookup: SignatureLookup): DecodedPredictRequest | undefined {
  const decoder = new FastPathDecoder(body, lookup);
  decoder.step(UNLIMITED);
  return decoder.decoded;
}
