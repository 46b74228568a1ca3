import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('Unicode operations and CTC decoding give what TensorFlow gave', () => {
  it.each(recordedCases('unicode'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded, 3e-7);
  });
});
