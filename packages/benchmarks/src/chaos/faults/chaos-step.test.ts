import { expect, it } from 'vitest';
import { RandomSource } from '../../fuzz/random-source.js';
import { type ChaosStep, nextPauseMs, nextStep } from './chaos-step.js';

const steps = (seed: number): ChaosStep[] => {
  const random = new RandomSource(seed);
  return Array.from({ length: 300 }, () => nextStep('struck', random));
};

it('a seed has the same steps each time, and another has others', () => {
  expect(steps(1)).toEqual(steps(1));
  expect(steps(2)).not.toEqual(steps(1));
});

it('every moment, signal and fault of the storage comes', () => {
  const seen = new Set(
    steps(3).flatMap((step) => {
      if (step.kind === 'kill') return [step.moment, step.signal];
      return step.kind === 'storage' ? [step.fault] : [step.kind];
    }),
  );
  expect([...seen].sort()).toEqual(
    [
      ...['SIGABRT', 'SIGKILL', 'SIGSEGV'],
      ...['gone', 'half-written', 'unreadable', 'version gone'],
      ...['idle', 'loading', 'loading again', 'running', 'swap', 'unloading', 'warming up'],
    ].sort(),
  );
});

it('each lane has steps of its own kind', () => {
  const random = new RandomSource(4);
  expect(nextStep('swapped', random)).toEqual({ kind: 'swap' });
  expect(nextStep('worn', random)).toMatchObject({ kind: 'wear out' });
  expect(nextStep('hungry', random)).toEqual({ kind: 'starve' });
  expect(nextPauseMs('calm', random)).toBe(0);
});
