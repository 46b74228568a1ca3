import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { createTensor } from '../tensor/tensor.js';
import { namingWrongShape } from './wrong-shape.js';

const rows = (...shape: number[]) => ({ x: createTensor('float', shape, new Float32Array(4)) });

describe('namingWrongShape', () => {
  it('keeps the text of the engine, and hints at the input', () => {
    const error = ServingError.invalidArgument('In[0] is not a matrix');
    expect(namingWrongShape(error, rows(4), { name: 'x', shape: [-1, 4] })).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'In[0] is not a matrix',
      cause: error,
      clientHint:
        'Input "x" has shape [4], and the signature has [?,4]. Wrap "x" in one more list; the batch dimension is missing: ' +
        '[1,4] fits [?,4]. One example alone is [EXAMPLE], or {"instances": [EXAMPLE]} over REST',
    });
  });
});
