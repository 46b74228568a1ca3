/** TensorFlow's record files: each record between its length and its checksums. */
import { ServingError } from '@serving/core/portable';
import { maskedCrc32c } from './crc32c.js';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/**
 * The records of a file, one after the other; views of `bytes`. A broken one is found when it is reached.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for a checksum that doesn't fit and for a record that is cut short.
 */
export function* readTfRecords(bytes: Uint8Array, path: string): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const lengthEnd = at + LENGTH_BYTES;
    if (lengthEnd + CRC_BYTES > bytes.length) throw broken(path, at, 'is cut short');
    if (view.getUint32(lengthEnd, true) !== maskedCrc32c(bytes.subarray(at, lengthEnd))) {
      throw broken(path, at, 'has a length that does not fit its checksum');
    }
    const start = lengthEnd + CRC_BYTES;
    const end = start + Number(view.getBigUint64(at, true));
    if (end + CRC_BYTES > bytes.length) throw broken(path, at, 'is cut short');
    const record = bytes.subarray(start, end);
    if (view.getUint32(end, true) !== maskedCrc32c(record)) throw broken(path, at, 'does not fit its checksum');
    yield record;
    at = end + CRC_BYTES;
  }
}

/** A file of these records. */
export function encodeTfRecords(records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(records.map(encodeTfRecord));
}

/** A record between its length and its checksums: files of them can be joined, and appended to. */
export function encodeTfRecord(record: Uint8Array): Uint8Array {
  const start = LENGTH_BYTES + CRC_BYTES;
  const end = start + record.length;
  const framed = new Uint8Array(end + CRC_BYTES);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(record.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(framed.subarray(0, LENGTH_BYTES)), true);
  framed.set(record, start);
  view.setUint32(end, maskedCrc32c(record), true);
  return framed;
}

function broken(path: string, at: number, problem: string): ServingError {
  return new ServingError(
    'DATA_LOSS',
    `The record at byte ${at} of ${path} ${problem}. Please verify your warmup data is in TFRecord format.`,
  );
}
