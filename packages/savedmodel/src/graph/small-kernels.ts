/** Whether threads within kernels would cost a model more than they give, judged by what its files say. */
import type { SignatureDefMap, TensorInfo } from '@serving/core/extend';
import { dataTypeFromNumber } from '@serving/core/tensor';
import type { GraphNode, GraphOutline } from '@serving/protos/saved-model';

/**
 * Of a model's files. Kernels of models below that took up to six times the processor time with two threads, and longer by the clock, with one
 * exception of a few per cent: of 80 exported models, and of 32 rows of an MLP and of a CNN at once. MobileNet (15 MB) gained by threads.
 */
const MAX_FILE_BYTES = 8 * 2 ** 20;
/** Values of one row of an input. */
const MAX_ROW_VALUES = 2 ** 18;
/**
 * Multiplications of one row, if each weight is used at each position of the input. A few milliseconds on one thread; usually far less, as
 * convolutions shrink what they pass on.
 */
const MAX_MULTIPLICATIONS = 2 ** 26;
const BYTES_PER_WEIGHT = 4;
/** What an unknown dimension is taken for. */
const UNKNOWN_SIZE = 256;
/** At most so many channels has an image that is an input. */
const MAX_IMAGE_CHANNELS = 4;
/** Operations that go over positions of an image or a sequence, or make an image. */
const overPositions =
  /Conv|Pool|Dilation2D|Erosion2D|ExtractImage|LRN|^Resize|^CropAndResize|^Decode(Jpeg|Png|Image|Gif|Bmp|WebP)/;

/**
 * One thread is as fast as several where a row costs little: the threads would wait for each other. Loops repeat kernels, which stay as small.
 *
 * @param fileBytes of the version's folder
 */
export function hasSmallKernels(graph: GraphOutline, signatureDefs: SignatureDefMap, fileBytes: number): boolean {
  if (fileBytes > MAX_FILE_BYTES) return false;
  const isOverPositions = hasOperation(graph, overPositions);
  let positions = 1;
  for (const { inputs } of signatureDefs.values()) {
    for (const info of inputs.values()) {
      const row = rowOf(info, isOverPositions);
      if (row.values > MAX_ROW_VALUES) return false;
      positions = Math.max(positions, row.positions);
    }
  }
  return (fileBytes / BYTES_PER_WEIGHT) * positions <= MAX_MULTIPLICATIONS;
}

function hasOperation({ nodes, functions }: GraphOutline, pattern: RegExp): boolean {
  const isOne = ({ op }: GraphNode): boolean => pattern.test(op);
  return nodes.some(isOne) || [...functions.values()].some((each) => each.nodes.some(isOne));
}

/** One row of an input: how many values it has, and at how many positions weights may be used. */
function rowOf(
  { dtype, tensorShape }: TensorInfo,
  isOverPositions: boolean,
): { readonly values: number; readonly positions: number } {
  const dims = tensorShape === undefined || tensorShape.unknownRank ? undefined : tensorShape.dim;
  const unknown = isOverPositions ? [UNKNOWN_SIZE, UNKNOWN_SIZE] : [UNKNOWN_SIZE];
  // A string may hold an image.
  const isImage = dataTypeFromNumber(dtype) === 'string' && isOverPositions;
  const sizes = dims === undefined || isImage ? unknown : dims.slice(1).map(({ size }) => sizeOf(size));
  const values = product(sizes);
  const last = sizes.at(-1) ?? 1;
  const hasFeatures = isOverPositions ? last <= MAX_IMAGE_CHANNELS : isReal(dtype);
  return { values, positions: hasFeatures ? values / Math.max(last, 1) : values };
}

function sizeOf(size: number | bigint): number {
  return size < 0 ? UNKNOWN_SIZE : Number(size);
}

/** Values of other types, such as ids of words, are looked up: each becomes a position. */
function isReal(dtype: number): boolean {
  const name = dataTypeFromNumber(dtype);
  return name === 'float' || name === 'double' || name === 'half' || name === 'bfloat16';
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
