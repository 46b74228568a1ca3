/**
 * Tensors to and from NumPy's `.npy` files, and the arrays of `.npz` archives: {@link encodeNpy}, {@link decodeNpy}, {@link decodeNpz}.
 *
 * @module @serving/core/npy
 */
export { type DecodeNpyOptions, decodeNpy, decodeNpyInSlices } from './decode-npy.js';
export { decodeNpz, isNpz } from './decode-npz.js';
export { encodeNpy } from './encode-npy.js';
