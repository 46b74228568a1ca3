/** `CTCGreedyDecoder`. */
import { ServingError } from '@serving/core/portable';
import { boolAttribute, intAttribute } from '../../graph/attribute-readers.js';
import { integersOf, integerTensor, numbersOf, numberTensor } from '../elements/numbers.js';
import type { KernelFactory } from '../kernel.js';

/** `CTCGreedyDecoder`: the best class of each step, without blanks and, where asked, without repetitions. */
export const ctcGreedyDecoderKernel: KernelFactory = ({ attributes }) => {
  const merges = boolAttribute(attributes, 'merge_repeated', false);
  const blankGiven = intAttribute(attributes, 'blank_index', -1);
  return ([x, lengthsTensor]) => {
    const [steps, rows, classes] = x!.shape as [number, number, number];
    const scores = numbersOf(x!);
    const lengths = integersOf(lengthsTensor!);
    const blank = blankGiven < 0 ? blankGiven + classes : blankGiven;
    const indices: number[] = [];
    const values: number[] = [];
    const logs = new Float64Array(rows);
    let widest = 0;
    for (let row = 0; row < rows; row++) {
      if (lengths[row]! > steps) throw new ServingError('INVALID_ARGUMENT', `sequence_length(${row}) <= ${steps}`);
      let last = -1;
      let column = 0;
      for (let step = 0; step < lengths[row]!; step++) {
        const start = (step * rows + row) * classes;
        let best = 0;
        for (let c = 1; c < classes; c++) if (scores[start + c]! > scores[start + best]!) best = c;
        logs[row] = logs[row]! - scores[start + best]!;
        if (best !== blank && !(merges && best === last)) {
          indices.push(row, column++);
          values.push(best);
        }
        last = best;
      }
      widest = Math.max(widest, column);
    }
    return [
      integerTensor('int64', [values.length, 2], indices),
      integerTensor('int64', [values.length], values),
      integerTensor('int64', [2], [rows, widest]),
      numberTensor(x!.dtype, [rows, 1], logs),
    ];
  };
};
