/** Fourier transforms and arithmetic on complex numbers. */
import { type OpCase, opCase } from '../op-case.test-support.js';
import { constant, constantScalar, mixed } from '../values.test-support.js';

const tolerance = { relative: 1e-5, absolute: 1e-5 };
const spectrum = (followedBy: readonly string[], length = 8): OpCase =>
  opCase('RFFT', [mixed('float', [2, 8]), constant('int32', [length])], {
    followedBy,
    tolerance,
    name: `of ${length}`,
  });
const complex = (followedBy: readonly string[]): OpCase =>
  opCase('Complex', [mixed('float', [2, 3]), mixed('float', [2, 3], 2)], { followedBy, tolerance });

export const signalCases: readonly OpCase[] = [
  ...[4, 7, 8, 12].map((length) => spectrum(['ComplexAbs'], length)),
  ...['Real', 'Imag'].map((part) => spectrum([part])),
  ...['FFT', 'IFFT', 'Conj', 'Neg', 'Square', 'Exp'].flatMap((op) =>
    ['Real', 'Imag'].map((part) => complex([op, part])),
  ),
  opCase('Complex', [mixed('float', [3]), constantScalar('float', 0)], { followedBy: ['Real'] }),
  opCase('Complex', [constantScalar('float', 2), mixed('float', [3])], { followedBy: ['ComplexAbs'] }),
];
