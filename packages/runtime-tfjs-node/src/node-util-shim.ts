/** Puts back what tfjs-node 4.22 takes from `node:util` and Node 23 removed. */
import type { createRequire } from 'node:module';

/**
 * Changes the `node:util` module that `require` hands out, in the calling thread only. Does nothing where the functions are still there.
 */
export function restoreRemovedUtilFunctions(require: ReturnType<typeof createRequire>): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
