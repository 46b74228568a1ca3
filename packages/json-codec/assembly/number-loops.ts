/**
 * The loops that the codec hands to WebAssembly: over numbers, named after TensorFlow's data types, and over long strings.
 * All work on the areas of the module's own memory.
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

export function scan_float(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<f32>(from, end, isLast, isStart);
}
export function write_float(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<f32>(from, end, isFirst, longest);
}

export function scan_double(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<f64>(from, end, isLast, isStart);
}
export function write_double(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<f64>(from, end, isFirst, longest);
}

export function scan_int8(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<i8>(from, end, isLast, isStart);
}
export function write_int8(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<i8>(from, end, isFirst, longest);
}

export function scan_uint8(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<u8>(from, end, isLast, isStart);
}
export function write_uint8(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<u8>(from, end, isFirst, longest);
}

export function scan_int16(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<i16>(from, end, isLast, isStart);
}
export function write_int16(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<i16>(from, end, isFirst, longest);
}

export function scan_int32(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<i32>(from, end, isLast, isStart);
}
export function write_int32(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<i32>(from, end, isFirst, longest);
}

export function scan_uint32(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<u32>(from, end, isLast, isStart);
}
export function write_uint32(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<u32>(from, end, isFirst, longest);
}

export function scan_int64(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<i64>(from, end, isLast, isStart);
}
export function write_int64(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<i64>(from, end, isFirst, longest);
}

export function scan_uint64(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<u64>(from, end, isLast, isStart);
}
export function write_uint64(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<u64>(from, end, isFirst, longest);
}

export function scan_bool(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  return scanLists<bool>(from, end, isLast, isStart);
}
export function write_bool(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  return writeRun<bool>(from, end, isFirst, longest);
}
