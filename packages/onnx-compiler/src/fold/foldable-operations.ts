/** Which operations are folded. */

/** Operations whose results are their inputs, in order. */
export const sameValueOperations: ReadonlySet<string> = new Set([
  ...['Identity', 'IdentityN', 'StopGradient', 'PreventGradient', 'Snapshot', 'DisableCopyOnRead'],
]);

/** Operations whose results may be much larger than their inputs: they are folded only when the size is known. */
export const growingOperations: ReadonlySet<string> = new Set([
  ...['Fill', 'Tile', 'BroadcastTo', 'Range', 'LinSpace', 'OneHot', 'Where', 'MatrixDiag', 'MatMul', 'Einsum'],
]);

/** Operations that are evaluated on constants. */
export const foldableOperations: ReadonlySet<string> = new Set([
  ...[
    'Shape',
    'ShapeN',
    'Size',
    'Rank',
    'Reshape',
    'Cast',
    'Pack',
    'Unpack',
    'ConcatV2',
    'Concat',
    'StridedSlice',
    'Slice',
  ],
  ...[
    'GatherV2',
    'Gather',
    'ExpandDims',
    'Squeeze',
    'Fill',
    'Range',
    'Tile',
    'Transpose',
    'Split',
    'SplitV',
    'LinSpace',
  ],
  ...[
    'Add',
    'AddV2',
    'Sub',
    'Mul',
    'FloorDiv',
    'FloorMod',
    'RealDiv',
    'Div',
    'DivNoNan',
    'Maximum',
    'Minimum',
    'Neg',
    'Abs',
  ],
  ...['Prod', 'Sum', 'Max', 'Min', 'Mean', 'All', 'Any', 'Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater'],
  ...['GreaterEqual', 'LogicalAnd', 'LogicalOr', 'LogicalNot', 'Select', 'SelectV2', 'BroadcastArgs', 'BroadcastTo'],
  ...[
    'ZerosLike',
    'OnesLike',
    'InvertPermutation',
    'Rsqrt',
    'Sqrt',
    'Square',
    'SquaredDifference',
    'Exp',
    'Log',
    'Sin',
  ],
  ...['Cos', 'Pow', 'Floor', 'Ceil', 'Round', 'Sign', 'Reciprocal', 'Where', 'StringJoin', 'StringLower', 'Cumsum'],
  ...['Pad', 'PadV2', 'ReverseV2', 'OneHot', 'MatrixBandPart', 'MatrixDiag'],
]);
