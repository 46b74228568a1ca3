import { describe, expect, it } from 'vitest';
import type { LoaderHarnessStateKind } from '../loader/loader-harness.js';
import type { AspiredVersionPolicy } from './aspired-version-policy.js';
import { availabilityPreservingPolicy } from './availability-preserving-policy.js';
import { resourcePreservingPolicy } from './resource-preserving-policy.js';

/** `1 ready -, 2 new +`: version, state, and whether it is aspired. */
function decide(policy: AspiredVersionPolicy, versions: string): string {
  const action = policy.getNextAction(
    versions
      .split(', ')
      .filter(Boolean)
      .map((text) => {
        const [version, state, sign] = text.split(' ');
        return {
          id: { name: 'm', version: Number(version) },
          state: state as LoaderHarnessStateKind,
          isAspired: sign === '+',
        };
      }),
  );
  return action ? `${action.action} ${action.id.version}` : 'nothing';
}

const rows = [
  // The cases of the specification.
  ['1 ready -, 2 new +', 'load 2', 'unload 1'],
  ['1 ready -, 2 ready +', 'unload 1', 'unload 1'],
  ['1 ready -, 2 ready -, 3 new +', 'unload 1', 'unload 1'],
  ['2 ready -, 1 ready -, 3 new +', 'unload 1', 'unload 2'],
  ['1 ready -, 2 error +', 'nothing', 'unload 1'],
  ['1 unloading -, 2 new +', 'load 2', 'nothing'],
  ['1 ready -', 'unload 1', 'unload 1'],
  ['1 new +, 5 new +', 'load 5', 'load 5'],
  ['1 loading +, 2 new +', 'load 2', 'load 2'],
  // And their neighbours.
  ['', 'nothing', 'nothing'],
  ['1 ready +', 'nothing', 'nothing'],
  ['1 ready +, 2 new +', 'load 2', 'load 2'],
  ['1 ready -, 2 loading +', 'nothing', 'unload 1'],
  ['1 ready -, 2 loading +, 3 new +', 'load 3', 'unload 1'],
  ['1 ready -, 2 ready +, 3 new +', 'unload 1', 'unload 1'],
  ['1 loading -, 2 new +', 'load 2', 'nothing'],
  ['1 loading -', 'nothing', 'nothing'],
  ['1 quiescing -, 2 new +', 'load 2', 'nothing'],
  ['1 error -, 2 new +', 'load 2', 'load 2'],
  ['1 disabled -, 2 new +', 'load 2', 'load 2'],
  ['3 ready -, 2 ready -', 'unload 2', 'unload 3'],
] as const;

describe('availabilityPreservingPolicy', () => {
  it.each(rows)('for %s: %s', (versions, availability) => {
    expect(decide(availabilityPreservingPolicy, versions)).toBe(availability);
  });
});

describe('resourcePreservingPolicy', () => {
  it.each(rows)('for %s (availability: %s): %s', (versions, _, resource) => {
    expect(decide(resourcePreservingPolicy, versions)).toBe(resource);
  });
});
