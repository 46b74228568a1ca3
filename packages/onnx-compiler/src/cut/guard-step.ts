/** Steps that check a condition in TypeScript. */
import { ServingError } from '@serving/core';
import type { Endpoint, Guard } from '../graph/graph.js';
import { isTrue, shownValues } from '../kernels/elements/shown-values.js';
import type { Kernel } from '../kernels/kernel.js';
import { withConstants } from '../kernels/with-constants.js';
import type { KernelStep } from '../program/program.js';
import type { ValuePlaces } from './value-places.js';

/** The endpoints that a guard reads: its condition, then those whose values it shows. */
export function guardEndpoints({ condition, message }: Guard): Endpoint[] {
  return [condition, ...message.filter((part): part is Endpoint => typeof part !== 'string')];
}

/** The step that fails a run in which the guard's condition is false. */
export function guardStep(guard: Guard, places: ValuePlaces): KernelStep {
  const endpoints = guardEndpoints(guard);
  const constants = endpoints.map(({ node }) => node.constant?.tensor());
  const { name } = guard.condition.node;
  const kernel: Kernel = ([holds, ...shown]) => {
    if (isTrue(holds!)) return [];
    let next = 0;
    const parts = guard.message.map((part) => (typeof part === 'string' ? part : shownValues(shown[next++]!)));
    throw new ServingError('INVALID_ARGUMENT', parts.join(''));
  };
  return {
    kind: 'kernel',
    op: 'Assert',
    node: name,
    kernel: withConstants(kernel, constants),
    context: { attributes: new Map(), node: name, constants },
    inputs: endpoints.filter((_, i) => constants[i] === undefined).map((endpoint) => places.of(endpoint)),
    outputs: [],
  };
}
