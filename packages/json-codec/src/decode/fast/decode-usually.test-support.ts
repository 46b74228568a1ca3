/** The decoder of usual bodies, in one go. */

import { UNLIMITED } from '../../slicing/slice-budget.js';
import type { DecodedPredictRequest } from '../predict-request-decoder.js';
import type { SignatureLookup } from '../signature-lookup.js';
import { UsualPredictDecoder } from './fast-path-decoder.js';

/** The request; `undefined` when the decoder gives up. */
export function decodeUsually(body: Uint8Array, lookup: SignatureLookup): DecodedPredictRequest | undefined {
  const decoder = new UsualPredictDecoder(body, lookup);
  decoder.step(UNLIMITED);
  return decoder.decoded;
}
