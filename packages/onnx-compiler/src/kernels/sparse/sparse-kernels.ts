/** Kernels of sparse tensors, by operation. */
import type { KernelFactory } from '../kernel.js';
import { ctcGreedyDecoderKernel } from './ctc-greedy-decoder.js';
import { crossKernels } from './sparse-cross.js';
import {
  sparseConcatKernel,
  sparseFillEmptyRowsKernel,
  sparseReorderKernel,
  sparseReshapeKernel,
  sparseSliceKernel,
} from './sparse-rows.js';
import {
  sparseMatMulKernel,
  sparseReduceMaxKernel,
  sparseReduceSumKernel,
  sparseSoftmaxKernel,
  sparseToDenseKernel,
} from './sparse-to-dense.js';

/** Kernels of sparse tensors, by operation. */
export const sparseKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    ...crossKernels,
    CTCGreedyDecoder: ctcGreedyDecoderKernel,
    SparseConcat: sparseConcatKernel,
    SparseFillEmptyRows: sparseFillEmptyRowsKernel,
    SparseReduceMax: sparseReduceMaxKernel,
    SparseReduceSum: sparseReduceSumKernel,
    SparseReorder: sparseReorderKernel,
    SparseReshape: sparseReshapeKernel,
    SparseSlice: sparseSliceKernel,
    SparseSoftmax: sparseSoftmaxKernel,
    SparseTensorDenseMatMul: sparseMatMulKernel,
    SparseToDense: sparseToDenseKernel,
  }),
);
