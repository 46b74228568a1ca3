/** Bounds what inlining may make of a graph: nested calls can double it at each level. */
import { ServingError } from '@serving/core';

const MAX_NODES = 200_000;

/** Counts nodes by the function that they are from. */
export class ImportBudget {
  readonly #byFunction = new Map<string, number>();
  #nodes = 0;

  /** @throws ServingError `UNIMPLEMENTED` beyond 200,000 nodes. */
  take(functionName: string): void {
    this.#byFunction.set(functionName, (this.#byFunction.get(functionName) ?? 0) + 1);
    this.#nodes++;
    if (this.#nodes <= MAX_NODES) return;
    const largest = [...this.#byFunction].sort(([, a], [, b]) => b - a).slice(0, 5);
    const counts = largest.map(([name, count]) => `${name}: ${count}`).join(', ');
    throw new ServingError('UNIMPLEMENTED', `more than ${MAX_NODES} nodes after inlining (${counts})`);
  }
}
