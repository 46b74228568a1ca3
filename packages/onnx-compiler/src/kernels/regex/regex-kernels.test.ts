import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('regular expressions give what TensorFlow gave', () => {
  it.each(recordedCases('regex'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded);
  });
});
