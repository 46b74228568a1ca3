import { expect, it } from 'vitest';
import { elementWise } from '../../../onnx-compiler/src/emit/element-wise/index.js';
import { movement } from '../../../onnx-compiler/src/emit/movement/index.js';
import { reductions } from '../../../onnx-compiler/src/emit/reductions/index.js';
import { complexOperators } from '../../../onnx-compiler/src/emit/signal/index.js';
import { structure } from '../../../onnx-compiler/src/emit/structure.js';
import { castCases } from './cases/cast-cases.test-support.js';
import { elementWiseCases } from './cases/element-wise-cases.test-support.js';
import { matrixCases } from './cases/matrix-cases.test-support.js';
import { movementCases } from './cases/movement-cases.test-support.js';
import { reductionCases } from './cases/reduction-cases.test-support.js';
import { signalCases } from './cases/signal-cases.test-support.js';

/** What the harness can't have TensorFlow run. */
const exempt: ReadonlySet<string> = new Set([
  // Its kernels have an attribute that its definition lacks.
  'TopK',
  // Has no kernel on CPUs.
  'ApproxTopK',
  // Takes a resource, which the import replaces.
  'DisableCopyOnRead',
]);

it('every operation of the emitter’s tables is compared with TensorFlow', () => {
  const cases = [
    ...elementWiseCases,
    ...castCases,
    ...reductionCases,
    ...Object.values({ ...movementCases, ...matrixCases }).flat(),
    ...signalCases,
  ];
  const compared = new Set(cases.flatMap(({ op, followedBy = [] }) => [op, ...followedBy]));
  const operations = Object.keys({ ...structure, ...elementWise, ...reductions, ...movement, ...complexOperators });
  expect(operations.filter((op) => !compared.has(op) && !exempt.has(op))).toEqual([]);
});
