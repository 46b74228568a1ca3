/**
 * TensorProto ↔ tensor: {@link decodeTensorProto}, {@link encodeTensorProto}; and the wire form that other messages are read and written in.
 *
 * @module @serving/protos/tensor
 */

export { FillAllowance, type FillOptions } from './tensor/expansion-budget.js';
export { packVarints, readPackedVarints, readPieceAt } from './tensor/packed-varints.js';
export type { BytesOwnership } from './tensor/tensor-content.js';
export { tensorFromProto } from './tensor/tensor-proto.js';
export { decodeTensorProto, EncodedTensorProto, type TensorProtoDecoding } from './tensor/tensor-proto-decoder.js';
export { encodeTensorProto, type TensorProtoEncoding } from './tensor/tensor-proto-encoder.js';
export {
  lengthDelimited,
  PARTS_AT_ONCE,
  pauseAt,
  type ReadingPace,
  readFields,
  readFieldsAt,
  withoutPause,
} from './wire/wire-fields.js';
export { WireWriter } from './wire/wire-writer.js';
