import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('sparse and ragged tensors, segments and counts give what TensorFlow gave', () => {
  it.each(recordedCases('sparse'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded, 3e-7);
  });
});
