import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('operations on strings give what TensorFlow gave', () => {
  it.each(recordedCases('strings'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded);
  });
});
