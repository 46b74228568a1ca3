import { describe, expect, it } from 'vitest';
import { pieceSizes, refusal } from './admission.js';

describe('pieceSizes', () => {
  it.each([
    { size: 7, room: 2, limit: 3, pieces: [2, 3, 2] },
    { size: 9, room: 0, limit: 4, pieces: [4, 4, 1] },
    { size: 3, room: 8, limit: 8, pieces: [3] },
    { size: 6, room: 1, limit: 1, pieces: [1, 1, 1, 1, 1, 1] },
    { size: 8, room: 4, limit: 4, pieces: [4, 4] },
    { size: 4, room: 0, limit: 4, pieces: [4] },
  ])('cuts $size rows with room for $room in batches of $limit', ({ size, room, limit, pieces }) => {
    expect(pieceSizes(size, room, limit)).toEqual(pieces);
  });
});

describe('refusal', () => {
  const whole = { maxTaskSize: 4, maxExecutionBatchSize: 4, maxEnqueuedBatches: 2, splitsLargeTasks: false };
  const cut = { maxTaskSize: 100, maxExecutionBatchSize: 4, maxEnqueuedBatches: 2, splitsLargeTasks: true };
  const full = 'The batch scheduling queue to which this task was submitted is full; ';

  it.each([
    ['an empty queue takes a full task', 4, whole, { batches: 0, openSize: undefined }],
    ['the open batch takes what fits, in a full queue too', 1, whole, { batches: 2, openSize: 3 }],
    ['a new batch is opened while there is room for one', 2, whole, { batches: 1, openSize: 3 }],
    ['a cut task fills the open batch and one more', 6, cut, { batches: 1, openSize: 2 }],
    ['a cut task fills all of an empty queue', 8, cut, { batches: 0, openSize: undefined }],
    ['a cut task that no queue could hold is taken by an empty one', 9, cut, { batches: 0, openSize: undefined }],
    ['a cut task that no queue could hold is taken while there is room', 50, cut, { batches: 1, openSize: 2 }],
  ])('%s', (_, size, limits, fill) => {
    expect(refusal(size, limits, fill)).toBeUndefined();
  });

  it.each([
    [
      'a task larger than any batch',
      5,
      whole,
      { batches: 0, openSize: undefined },
      'INVALID_ARGUMENT',
      'Task size 5 is larger than maximum input batch size 4',
    ],
    [
      'a task that needs one batch too many',
      2,
      whole,
      { batches: 2, openSize: 3 },
      'UNAVAILABLE',
      `${full}currently 2 batches enqueued and max_enqueued_batches is 2`,
    ],
    [
      'a task that can join none of the batches of a full queue',
      1,
      whole,
      { batches: 2, openSize: undefined },
      'UNAVAILABLE',
      `${full}currently 2 batches enqueued and max_enqueued_batches is 2`,
    ],
    [
      'a cut task that no queue could hold, by a full one',
      9,
      cut,
      { batches: 2, openSize: undefined },
      'UNAVAILABLE',
      `${full}task size is 9 but scheduling capacity is only 0 (num_enqueued_batches=3, max_enqueued_batches=2, open_batch_size=0, max_execution_batch_size=4)`,
    ],
    [
      'a cut task that is larger than what is left',
      7,
      cut,
      { batches: 1, openSize: 2 },
      'UNAVAILABLE',
      `${full}task size is 7 but scheduling capacity is only 6 (num_enqueued_batches=1, max_enqueued_batches=2, open_batch_size=2, max_execution_batch_size=4)`,
    ],
    [
      'a cut task that can join none of the batches of a full queue',
      1,
      cut,
      { batches: 2, openSize: undefined },
      'UNAVAILABLE',
      `${full}task size is 1 but scheduling capacity is only 0 (num_enqueued_batches=3, max_enqueued_batches=2, open_batch_size=0, max_execution_batch_size=4)`,
    ],
  ])('refuses %s', (_, size, limits, fill, code, message) => {
    expect(refusal(size, limits, fill)).toMatchObject({ code, message });
  });
});
