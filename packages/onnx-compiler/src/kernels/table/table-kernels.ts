/** Kernels that read tables. */
import { ServingError } from '@serving/core/portable';
import type { TableContents } from '../../graph/graph.js';
import { integerTensor } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { concatElements, countOf, takeElements } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { indexOf } from './lookup-table.js';

function tableOf({ table, node }: KernelContext): TableContents {
  if (table !== undefined) return table;
  throw new ServingError('UNIMPLEMENTED', `table of node "${node}" is never initialised`);
}

/** `LookupTableFindV2`: keys that the table doesn't have get the default, one for all or one by position. */
const findKernel: KernelFactory = (context) => {
  const table = tableOf(context);
  const index = indexOf(table);
  const rowShape = table.values.shape.slice(table.keys.shape.length);
  const width = productOf(rowShape);
  const stored = countOf(table.values);
  const known = context.constants?.[1];
  const withKnown = known && concatElements([table.values, known]);
  return ([keys, fallback]) => {
    const rows = index.rowsOf(keys!);
    const perKey = countOf(fallback!) > width;
    const positions = new Int32Array(rows.length * width);
    for (let i = 0; i < rows.length; i++) {
      const start = rows[i]! >= 0 ? rows[i]! * width : stored + (perKey ? i * width : 0);
      for (let k = 0; k < width; k++) positions[i * width + k] = start + k;
    }
    return [
      takeElements(withKnown ?? concatElements([table.values, fallback!]), [...keys!.shape, ...rowShape], positions),
    ];
  };
};

const sizeKernel: KernelFactory = (context) => {
  const size = integerTensor('int64', [], [countOf(tableOf(context).keys)]);
  return () => [size];
};

const exportKernel: KernelFactory = (context) => {
  const { keys, values } = tableOf(context);
  return () => [keys, values];
};

/** Kernels that read tables, by operation. */
export const tableKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    LookupTableExportV2: exportKernel,
    LookupTableFind: findKernel,
    LookupTableFindV2: findKernel,
    LookupTableSize: sizeKernel,
    LookupTableSizeV2: sizeKernel,
  }),
);
