/** Where ONNX Runtime may answer otherwise than TensorFlow. */

interface AcceptedDifference {
  readonly model: string;
  /** Of a line `CASE/OUTPUT: …` or `CASE: …`. */
  readonly line: RegExp;
  readonly reason: string;
}

const NAN = 'NaN and infinities: softmax, max pooling, LRN and fused activations differ between the engines';
const DENORMALS = 'TensorFlow takes denormal numbers for 0';
const NO_ELEMENTS = 'a tensor without elements never enters ONNX Runtime';

const accepted: readonly AcceptedDifference[] = [
  { model: 'activations', line: /^special\//, reason: NAN },
  { model: 'reductions', line: /^special\/softmax/, reason: NAN },
  { model: 'conv_kinds', line: /^nan\//, reason: NAN },
  { model: 'mlp_trained', line: /^(?:nan|inf)\//, reason: NAN },
  { model: 'pooling_and_lrn', line: /^(?:nan|infinite)\//, reason: NAN },
  { model: 'math_unary', line: /^serving_default-special\//, reason: DENORMALS },
  {
    model: 'math_unary',
    line: /^double.* is refused$/,
    reason: 'some functions have no double kernel; see the option float64',
  },
  {
    model: 'placeholder_with_default',
    line: /^default: UNIMPLEMENTED/,
    reason: 'a signature runs with all of its inputs',
  },
  { model: 'casts', line: /^serving_default-special\/uint32/, reason: 'TensorFlow answers by the number of elements' },
  { model: 'math_binary', line: /^serving_default-rows0: UNIMPLEMENTED/, reason: NO_ELEMENTS },
  { model: 'shapes_dynamic', line: /^serving_default-rows0: UNIMPLEMENTED/, reason: NO_ELEMENTS },
  { model: 'functional_multi_io', line: /^no-steps: UNIMPLEMENTED/, reason: NO_ELEMENTS },
  { model: 'reductions', line: /^empty-axis: UNIMPLEMENTED/, reason: NO_ELEMENTS },
  { model: 'detection', line: /^serving_default-none: UNIMPLEMENTED/, reason: NO_ELEMENTS },
  { model: 'dtypes_movement', line: /^uint16: answers/, reason: 'TensorFlow has no Tile kernel for uint16' },
  {
    model: 'dtypes_dense',
    line: /is refused$/,
    reason: 'double has no Erf kernel; the option float64 accepts float32',
  },
];

/** Why a difference is accepted; `undefined` for one that isn't. */
export function acceptedReason(model: string, line: string): string | undefined {
  return accepted.find((each) => each.model === model && each.line.test(line))?.reason;
}
