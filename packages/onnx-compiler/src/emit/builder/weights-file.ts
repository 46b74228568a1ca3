/** Lays weights out in one file beside a model. */
import type { FileBytes } from '../../graph/graph.js';
import type { Initializer } from './onnx-messages.js';

/** Bytes of the file: a copy of another file's, or those in memory. Between parts are zeros. */
export interface WeightsFilePart {
  readonly offset: number;
  readonly source: FileBytes | Uint8Array;
}

/** Smaller constants stay in the model: an entry for a file is about this long. */
const MIN_BYTES = 256;
/** Tensors from this size on start at a page, so that they can be mapped. */
const MIN_PAGED_BYTES = 2 ** 20;
const PAGE = 4096;
const ALIGNMENT = 64;

/**
 * Moves initializers into the file `location`, a path relative to the model's folder. Initializers of the same bytes of the same file
 * share their part.
 *
 * @param files where the bytes are of initializers that are in files already, by name
 */
export function layOutWeights(
  initializers: readonly Initializer[],
  files: ReadonlyMap<string, FileBytes>,
  location: string,
): { readonly initializers: readonly Initializer[]; readonly parts: readonly WeightsFilePart[] } {
  const parts: WeightsFilePart[] = [];
  const offsets = new Map<string | Uint8Array, number>();
  let end = 0;
  const placed = initializers.map((initializer): Initializer => {
    const { name, dtype, shape, bytes } = initializer;
    const source = bytes ?? files.get(name)!;
    if (source.length < MIN_BYTES) return initializer;
    const key = source instanceof Uint8Array ? source : `${source.offset}+${source.length} ${source.path}`;
    let offset = offsets.get(key);
    if (offset === undefined) {
      const alignment = source.length < MIN_PAGED_BYTES ? ALIGNMENT : PAGE;
      offset = Math.ceil(end / alignment) * alignment;
      end = offset + source.length;
      offsets.set(key, offset);
      parts.push({ offset, source });
    }
    return { name, dtype, shape, external: { location, offset, length: source.length } };
  });
  return { initializers: placed, parts };
}
