/** A run of values from memory to text, with what stands between them. */
import { writeUnsigned } from './digit-writer';
import { writeFloat32, writeFloat64 } from './float-writer';
import { RUN_COUNTS, RUN_SIZES, SEPARATORS, TEXT, TEXT_SIZE, VALUE_COUNT, VALUES } from './memory-areas';

/** Longest text of a value, and what writing it may overwrite behind. */
const MAX_VALUE_TEXT: usize = 64;

/**
 * Writes values from the `from`-th at VALUES on up to the `end`-th (not included), each but the first of the whole run
 * after its separator, as long as there is room for `longest`, the longest separator. VALUE_COUNT then holds the first
 * value that is still to write. Returns the length of the text.
 */
export function writeRun<T>(from: i32, end: i32, isFirst: bool, longest: usize): usize {
  const limit = TEXT + TEXT_SIZE - longest - MAX_VALUE_TEXT;
  const innermost = load<i32>(RUN_SIZES);
  const comma = load<u32>(SEPARATORS);
  const commaLength = load<u32>(SEPARATORS, 4);
  const commaText = load<u64>(comma);
  let done = load<i32>(RUN_COUNTS);
  let out = TEXT;
  let i = from;
  if (isFirst && i < end) {
    out = writeValue<T>(i, out);
    done = 1;
    i++;
  }
  while (i < end && out <= limit) {
    if (done < innermost) {
      if (commaLength <= 8) store<u64>(out, commaText);
      else memory.copy(out, comma, commaLength);
      out += commaLength;
    } else {
      out = writeListEnds(out);
      done = 0;
    }
    out = writeValue<T>(i, out);
    done++;
    i++;
  }
  store<i32>(RUN_COUNTS, done);
  store<i32>(VALUE_COUNT, i);
  return out - TEXT;
}

/** After the last value of an innermost list: the text up to the first value of the next one. */
function writeListEnds(out: usize): usize {
  let level: usize = 4;
  let count = load<i32>(RUN_COUNTS + level) + 1;
  while (count === load<i32>(RUN_SIZES + level)) {
    store<i32>(RUN_COUNTS + level, 0);
    level += 4;
    count = load<i32>(RUN_COUNTS + level) + 1;
  }
  store<i32>(RUN_COUNTS + level, count);
  const separator = SEPARATORS + (level << 1);
  const length = load<u32>(separator, 4);
  memory.copy(out, load<u32>(separator), length);
  return out + length;
}

function writeValue<T>(index: i32, out: usize): usize {
  if (isBoolean<T>()) {
    if (load<u8>(VALUES + index)) {
      store<u32>(out, 0x65757274);
      return out + 4;
    }
    store<u64>(out, 0x65736c6166);
    return out + 5;
  }
  if (isFloat<T>()) {
    if (sizeof<T>() === 4) return writeFloat32(load<f32>(VALUES + ((<usize>index) << 2)), out);
    return writeFloat64(load<f64>(VALUES + ((<usize>index) << 3)), out);
  }
  const value = load<T>(VALUES + <usize>index * sizeof<T>());
  if (isSigned<T>() && value < 0) {
    store<u8>(out, 0x2d);
    return writeUnsigned(0 - <u64>value, out + 1);
  }
  return writeUnsigned(<u64>value, out);
}
