import { describe, it } from 'vitest';
import { expectRecordedResult, recordedCases } from '../recorded-cases.test-support.js';

const TOLERANCES: Readonly<Record<string, number>> = { float: 3e-7, double: 1e-13, half: 1e-3, bfloat16: 1.6e-2 };

describe('arithmetic gives what TensorFlow gave', () => {
  it.each(recordedCases('numeric'))('%s', (_title, recorded) => {
    expectRecordedResult(recorded, TOLERANCES[recorded.in[0]![0]]);
  });
});
