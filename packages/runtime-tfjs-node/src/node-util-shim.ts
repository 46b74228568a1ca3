/** What tfjs-node 4.22 takes from `node:util`: deprecated with a warning in Node 22, partly removed in Node 23. */
import type { createRequire } from 'node:module';

/**
 * Puts the functions (back) into the `node:util` module that `require` hands out, in the calling thread only.
 */
export function restoreUtilFunctions(require: ReturnType<typeof createRequire>): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
  util.isArray = Array.isArray;
}
