import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('movement of elements gives what TensorFlow gave', () => {
  it.each(recordedCases('movement'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded);
  });
});
