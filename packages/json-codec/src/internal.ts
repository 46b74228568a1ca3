/**
 * The readers and writers below the codec, for the wire APIs of this project whose JSON has another form. Applications must not import
 * it: it changes without notice, outside semantic versioning.
 *
 * @module @serving/json-codec/internal
 */

export { joinInSlices } from './decode/body-chunks.js';
export { type FewNumbers, scanFewNumbers } from './decode/fast/few-numbers-scanner.js';
export { DONE, TensorScanner } from './decode/fast/tensor-readers.js';
export { PAUSED, TextCursor } from './decode/fast/text-cursor.js';
export { TensorBuilder } from './decode/tensor-builder.js';
export { ByteWriter } from './encode/byte-writer.js';
export { writeFewNumbers } from './encode/few-numbers-encoder.js';
export { TensorWriter } from './encode/tensor-writer.js';
export { numberValue } from './json/json-number.js';
export { JsonReader } from './json/json-reader.js';
export {
  ARRAY,
  DOUBLE,
  FALSE,
  INTEGER,
  type JsonTape,
  NONE,
  NULL,
  OBJECT,
  STRING,
  TRUE,
} from './json/json-tape.js';
export { ELEMENT_COST, GeneratedWork, inOneGo, type SliceBudget, UNLIMITED } from './slicing/slice-budget.js';
