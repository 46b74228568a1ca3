import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('operations on images give what TensorFlow gave', () => {
  it.each(recordedCases('media'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded, 1e-6);
  });
});
