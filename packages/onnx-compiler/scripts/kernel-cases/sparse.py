"""Sparse and ragged tensors, segments, counts."""
import numpy as np
import tensorflow as tf


def texts(*values):
    return np.array(values, object)


I64 = np.int64
INDICES, SHAPE = I64([[0, 1], [0, 3], [2, 0]]), I64([3, 4])


def cases(case):
    values = [I64([3, 5, 7]), np.float32([1.5, -2, 4]), texts('a', 'b', 'c')]
    for v in values:
        zero = np.array('-', object) if v.dtype == object else v.dtype.type(9)
        case('SparseToDense', INDICES, SHAPE, v, zero)
        case('SparseFillEmptyRows', INDICES, v, SHAPE, zero)
        case('SparseFillEmptyRows', INDICES[:0], v[:0], SHAPE, zero)
        case('SparseReorder', INDICES[::-1].copy(), v, SHAPE)
        case('SparseConcat', [INDICES, INDICES], [v, v], [SHAPE, SHAPE], concat_dim=1)
        case('SparseConcat', [INDICES, INDICES], [v, v], [SHAPE, I64([5, 4])], concat_dim=0)
        case('SparseSlice', INDICES, v, SHAPE, I64([0, 1]), I64([2, 2]))
        case('Unique', np.concatenate([v, v[1:]]), out_idx=tf.int64)
        case('UniqueWithCounts', np.concatenate([v, v[1:]]))
    case('SparseToDense', I64([1, 3]), I64([5]), np.float32(2), np.float32(0))
    case('SparseToDense', I64([[1], [1]]), I64([5]), np.float32([2, 3]), np.float32(0))
    case('SparseToDense', I64([[5]]), I64([3]), np.float32([2]), np.float32(0))
    case('SparseToDense', I64([[2], [1]]), I64([3]), np.float32([2, 3]), np.float32(0), validate_indices=False)
    case('SparseToDense', I64(1), I64([3]), np.float32(2), np.float32(0))
    case('SparseFillEmptyRows', I64([[3, 0]]), I64([1]), SHAPE, I64(0))
    for shape in [[-1], [2, -1], [6, 2], [4, 3]]:
        case('SparseReshape', INDICES, SHAPE, I64(shape))
    case('SparseReshape', INDICES, SHAPE, I64([5, -1]))
    case('SparseReshape', INDICES, SHAPE, I64([5, 3]))
    case('SparseReshape', INDICES[:0], SHAPE, I64([-1]))
    for axes in [[0], [1], [-1], [0, 1]]:
        for keep in [True, False]:
            case('SparseReduceSum', INDICES, np.float32([1, 2, 3]), SHAPE, np.int32(axes), keep_dims=keep)
            case('SparseReduceMax', INDICES, np.float32([1, -2, -3]), SHAPE, np.int32(axes), keep_dims=keep)
    case('SparseTensorDenseMatMul', INDICES, np.float32([1, 2, 3]), SHAPE, np.arange(8, dtype=np.float32).reshape(4, 2))
    case('SparseTensorDenseMatMul', INDICES, np.float32([1, 2, 3]), SHAPE, np.arange(8, dtype=np.float32).reshape(2, 4), adjoint_b=True)
    case('SparseTensorDenseMatMul', INDICES, np.float32([1, 2, 3]), SHAPE, np.arange(6, dtype=np.float32).reshape(3, 2), adjoint_a=True)
    case('SparseTensorDenseMatMul', INDICES, np.float32([1, 2, 3]), SHAPE, np.arange(6, dtype=np.float32).reshape(3, 2))
    case('SparseSoftmax', INDICES, np.float32([1, 2, 3]), SHAPE)
    for hashed, buckets in [(True, 100), (True, 0), (False, 0)]:
        internal = tf.int64 if hashed else tf.string
        out = tf.int64 if hashed else tf.string
        case('SparseCross', [INDICES], [texts('a', 'b', 'c')], [SHAPE], [texts(['x'], ['y'], ['z'])], hashed_output=hashed, num_buckets=buckets, hash_key=0xDECAFCAFFE, out_type=out,
             internal_type=internal)
    case('SparseCross', [], [], [], [texts(['x', 'w'], ['y', 'z']), I64([[1], [-2]])], hashed_output=True, num_buckets=50, hash_key=956888297470, out_type=tf.int64, internal_type=tf.int64)
    case('SparseCrossV2', [INDICES], [texts('a', 'b', 'c')], [SHAPE], [texts(['x'], ['y'], ['z'])], np.array('+', object))
    for strong in [True, False]:
        case('SparseCrossHashed', [INDICES], [I64([4, 5, 6])], [SHAPE], [texts(['x'], ['y'], ['z'])], I64(1000), np.array(strong), I64([5, 6]))
    data = [np.float32([[1, 2], [3, 4], [5, 6], [-7, 8]]), np.int32([[1, 2], [3, 4], [5, 6], [-7, 8]]), I64([[1, 2], [3, 4], [5, 6], [-7, 8]])]
    for d in data:
        for op in ['UnsortedSegmentSum', 'UnsortedSegmentMax', 'UnsortedSegmentMin', 'UnsortedSegmentProd']:
            case(op, d, np.int32([2, 0, -1, 2]), np.int32(4))
        for op in ['SegmentSum', 'SegmentMean', 'SegmentMax', 'SegmentMin', 'SegmentProd']:
            case(op, d, np.int32([0, 0, 1, 3]))
        case('SegmentSum', d[:0], np.int32([]))
    case('UnsortedSegmentSum', data[0], np.int32([[0, 1], [1, 1], [0, 0], [2, 1]]), np.int32(3))
    case('UnsortedSegmentSum', data[0], np.int32([0, 1, 2, 5]), np.int32(3))
    case('SegmentSum', data[0], np.int32([1, 0, 1, 3]))
    for op in ['SparseSegmentSum', 'SparseSegmentMean', 'SparseSegmentSqrtN']:
        case(op, data[0], np.int32([0, 3, 3, 1]), np.int32([0, 0, 2, 2]))
        case(op + 'WithNumSegments', data[0], np.int32([0, 3, 3, 1]), np.int32([0, 0, 2, 2]), np.int32(5))
        case(op, data[0], np.int32([]), np.int32([]))
    case('Bincount', np.int32([1, 1, 3, 9]), np.int32(5), np.float32([]))
    case('Bincount', np.int32([1, -1]), np.int32(5), np.float32([]))
    case('DenseBincount', I64([1, 1, 3, 9]), I64(5), np.float32([1, 2, 3, 4]), binary_output=False)
    case('DenseBincount', I64([[1, 1], [3, 9]]), I64(5), I64([]), binary_output=True)
    case('DenseBincount', I64([[1, 1], [3, -9]]), I64(5), I64([]), binary_output=True)
    case('DenseBincount', I64([1]), I64(-5), I64([]), binary_output=True)
    case('RaggedBincount', I64([0, 2, 2, 3]), I64([1, 1, 0]), I64(3), np.float32([]), binary_output=False)
    for exclusive in [True, False]:
        for reverse in [True, False]:
            case('Cumsum', np.int32([[1, 2, 3], [4, 5, 6]]), np.int32(1), exclusive=exclusive, reverse=reverse)
            case('Cumsum', I64([[1, 2, 3], [4, 5, 6]]), np.int32(-2), exclusive=exclusive, reverse=reverse)
            case('Cumprod', np.float32([1, 2, 3]), np.int32(0), exclusive=exclusive, reverse=reverse)
    case('Cumsum', np.int32([1]), np.int32(1))
    case('Bucketize', np.float32([0, 1, 5, np.nan, -3]), boundaries=[0.0, 2.0, 5.0])
    splits = I64([0, 2, 2, 5])
    for shape in [I64(-1), I64([-1, -1]), I64([2, -1]), I64([4, 2]), I64([-1, 4])]:
        case('RaggedTensorToTensor', shape, np.float32([1, 2, 3, 4, 5]), np.float32(-1), [splits], row_partition_types=['ROW_SPLITS'])
        case('RaggedTensorToTensor', shape, texts('a', 'b', 'c', 'd', 'e'), np.array('?', object), [I64(4), I64([0, 0, 2, 2, 2])],
             row_partition_types=['FIRST_DIM_SIZE', 'VALUE_ROWIDS'])
    case('RaggedTensorToTensor', I64(-1), np.float32([[1, 2], [3, 4]]), np.float32([8, 9]), [I64([0, 1, 1, 2])], row_partition_types=['ROW_SPLITS'])
    case('RaggedTensorToTensor', I64(-1), np.int32([1, 2, 3]), np.int32(0), [I64([0, 2, 3]), I64([0, 1, 1, 3])], row_partition_types=['ROW_SPLITS', 'ROW_SPLITS'])
    case('RaggedTensorToTensor', I64(-1), np.int32([]), np.int32(0), [I64([0])], row_partition_types=['ROW_SPLITS'])
    case('RaggedRange', np.int32([0, 5]), np.int32([3, 4]), np.int32(1))
    case('RaggedRange', np.float32(0), np.float32(1), np.float32(0.4))
    case('RaggedGather', [splits], np.float32([1, 2, 3, 4, 5]), np.int32([2, 0, 2]), OUTPUT_RAGGED_RANK=1)
    case('RaggedGather', [splits], np.float32([1, 2, 3, 4, 5]), np.int32([[2, 0], [1, 1]]), OUTPUT_RAGGED_RANK=2)
    case('RaggedTensorToSparse', [splits], np.float32([1, 2, 3, 4, 5]))
    case('RaggedTensorToSparse', [splits], np.float32([[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]))
    for d in data:
        case('TopKV2', d, np.int32(1))
    case('TopKV2', np.float32([1, 3, 3, 2]), np.int32(3), index_type=tf.int64)
    case('TopKV2', np.float32([1, 3]), np.int32(3))
