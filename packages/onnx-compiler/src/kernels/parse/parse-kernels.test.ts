import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

describe('parsers give what TensorFlow gave', () => {
  it.each(recordedCases('parse'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded);
  });
});
