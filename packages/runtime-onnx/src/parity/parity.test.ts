import { expect, it } from 'vitest';
import { compareCases } from './both-engines.test-support.js';
import { castCases } from './cases/cast-cases.test-support.js';
import { elementWiseCases } from './cases/element-wise-cases.test-support.js';
import { imageCases } from './cases/image-cases.test-support.js';
import { matrixCases } from './cases/matrix-cases.test-support.js';
import { movementCases } from './cases/movement-cases.test-support.js';
import { reductionCases } from './cases/reduction-cases.test-support.js';
import { signalCases } from './cases/signal-cases.test-support.js';
import type { OpCase } from './op-case.test-support.js';

const tables: Readonly<Record<string, readonly OpCase[]>> = {
  'element-wise operations': elementWiseCases,
  casts: castCases,
  reductions: reductionCases,
  ...movementCases,
  ...matrixCases,
  'operations on complex numbers': signalCases,
  'convolutions, pooling and images': imageCases,
};

it.each(Object.entries(tables))(
  'ONNX Runtime answers %s as TensorFlow does, but for accepted differences',
  async (_, cases) => {
    const results = await compareCases(cases);
    const unexpected = results.filter(
      ({ case: { accepted, differsOnSome }, difference }) =>
        differsOnSome === undefined && (difference === undefined) !== (accepted === undefined),
    );
    expect(
      unexpected.map(({ case: { name, accepted }, difference }) =>
        accepted === undefined ? `${name}: ${difference}` : `${name}: is equal, though "${accepted}"`,
      ),
    ).toEqual([]);
  },
  120_000,
);
