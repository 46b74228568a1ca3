/**
 * The loops that the codec hands to WebAssembly: over numbers and over long strings. All work on the areas of
 * the module's own memory. Types are numbered as in `src/number-loops.ts`.
 */
import { writeFloat32 } from './float-writer';
import { scanLists } from './list-scanner';
import { TEXT } from './memory-areas';
import { plainEnd } from './plain-text';
import { writeRun } from './run-writer';

export {
  MARGIN,
  POSITION,
  RANK,
  RUN_COUNTS,
  RUN_SIZES,
  SCAN_STATE,
  SCAN_STATE_END,
  SEPARATOR_TEXTS,
  SEPARATOR_TEXTS_SIZE,
  SEPARATORS,
  SIZES,
  TEXT,
  TEXT_SIZE,
  VALUE_COUNT,
  VALUES,
} from './memory-areas';

/** Where plain text of a JSON string ends: the first byte from `from` on that isn't plain, or `end`. */
export function plain_end(from: usize, end: usize): usize {
  return plainEnd(from, end);
}

/** Writes one float32 value at TEXT; the length of its text. */
export function write_one_float(value: f32): usize {
  return writeFloat32(value, TEXT) - TEXT;
}

/** Scans lists of numbers of one of the types below. One function for all types is called faster than one of many. */
export function scan(type: i32, from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  switch (type) {
    case 0:
      return scanLists<f32>(from, end, isLast, isStart);
    case 1:
      return scanLists<f64>(from, end, isLast, isStart);
    case 2:
      return scanLists<i8>(from, end, isLast, isStart);
    case 3:
      return scanLists<u8>(from, end, isLast, isStart);
    case 4:
      return scanLists<i16>(from, end, isLast, isStart);
    case 5:
      return scanLists<i32>(from, end, isLast, isStart);
    case 6:
      return scanLists<u32>(from, end, isLast, isStart);
    case 7:
      return scanLists<i64>(from, end, isLast, isStart);
    case 8:
      return scanLists<u64>(from, end, isLast, isStart);
    default:
      return scanLists<bool>(from, end, isLast, isStart);
  }
}

/** Writes a run of values of one of the types; see {@link writeRun}. */
export function write(type: i32, from: i32, end: i32, isFirst: bool, longest: usize): usize {
  switch (type) {
    case 0:
      return writeRun<f32>(from, end, isFirst, longest);
    case 1:
      return writeRun<f64>(from, end, isFirst, longest);
    case 2:
      return writeRun<i8>(from, end, isFirst, longest);
    case 3:
      return writeRun<u8>(from, end, isFirst, longest);
    case 4:
      return writeRun<i16>(from, end, isFirst, longest);
    case 5:
      return writeRun<i32>(from, end, isFirst, longest);
    case 6:
      return writeRun<u32>(from, end, isFirst, longest);
    case 7:
      return writeRun<i64>(from, end, isFirst, longest);
    case 8:
      return writeRun<u64>(from, end, isFirst, longest);
    default:
      return writeRun<bool>(from, end, isFirst, longest);
  }
}
