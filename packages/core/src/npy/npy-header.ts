/** The description of the data of a `.npy` file, in the Python literal that it begins with. */
import { npyError } from './npy-error.js';

/** How every file begins. */
export const NPY_MAGIC: Uint8Array = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

export interface NpyHeader {
  /** As in the file: `'<f4'` in quotes, or a structure. */
  readonly description: string;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/** Of bytes that begin with {@link NPY_MAGIC}. @throws ServingError `INVALID_ARGUMENT` */
export function readNpyHeader(bytes: Uint8Array, source: string): NpyHeader {
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw npyError(source, `version ${version} of the format is not known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw npyError(source, 'the header is cut short');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw npyError(source, `the header has ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  const dataOffset = start + length;
  if (bytes.length < dataOffset) throw npyError(source, 'the header is cut short');
  const text = Buffer.from(bytes.subarray(start, dataOffset)).toString(version === 3 ? 'utf8' : 'latin1');
  const description = /'descr':\s*('[^']*'|\[.*?\])\s*,\s*'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([0-9,\sL]*)\)/.exec(text)?.[1];
  if (description === undefined || order === undefined || shape === undefined) {
    throw npyError(source, `the header is not understood: ${text.trim()}`);
  }
  return {
    description,
    isFortranOrder: order === 'True',
    shape: (shape.match(/\d+/g) ?? []).map(Number),
    dataOffset,
  };
}

/** NumPy's own limit. */
const MAX_HEADER_BYTES = 10_000;
