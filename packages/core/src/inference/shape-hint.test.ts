import { describe, expect, it } from 'vitest';
import { shapeHint } from './shape-hint.js';

describe('shapeHint', () => {
  it.each<[string, number[], number[], string | undefined]>([
    [
      'one example without the batch dimension',
      [28, 28],
      [-1, 28, 28],
      'Wrap "x" in one more list; the batch dimension is missing: [1,28,28] fits [?,28,28]. ' +
        'One example alone is [EXAMPLE], or {"instances": [EXAMPLE]} over REST',
    ],
    [
      'a scalar for a batch',
      [],
      [-1],
      'Wrap "x" in one more list; the batch dimension is missing: [1] fits [?]. ' +
        'One example alone is [EXAMPLE], or {"instances": [EXAMPLE]} over REST',
    ],
    [
      'a batch that is nested once too often',
      [1, 5, 28, 28],
      [-1, 28, 28],
      '"x" is nested too deep by one list: [5,28,28] fits [?,28,28]. ' +
        'Over REST "instances" is one list around the examples already',
    ],
    [
      'a batch that is nested twice too often',
      [1, 1, 2, 4],
      [-1, 4],
      '"x" is nested too deep by 2 lists: [2,4] fits [?,4]. Over REST "instances" is one list around the examples already',
    ],
    ['a column', [3, 1], [-1], 'Each value of "x" is in a list of its own: take it out; [3] fits [?]'],
    ['a wrong size of few numbers', [1, 3], [-1, 4], 'A value of that shape: [[0, 0, 0, 0]]'],
    ['a wrong size of many numbers', [1, 27, 28], [-1, 28, 28], undefined],
  ])('says how to fix %s', (_, shape, declared, hint) => {
    expect(shapeHint('x', shape, declared)).toBe(hint);
  });
});
