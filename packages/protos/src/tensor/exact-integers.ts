/** Makes sure that protobufjs reads 64-bit integers exactly. */
import { createRequire } from 'node:module';
import protobuf from 'protobufjs/light.js';

/**
 * protobufjs holds 64-bit integers in the class of the package `long`, and silently in doubles when its `require('long')`
 * gives it something else. That happens in a process started with `--conditions import` (some test runners do so),
 * where it gets an ES module whose default export is the class; this hands it the class.
 */
export function ensureExactIntegers(): void {
  if (protobuf.util.Long) return;
  const requireAsProtobufjs = createRequire(createRequire(import.meta.url).resolve('protobufjs/light.js'));
  const { default: Long }: { readonly default: typeof protobuf.util.Long } = requireAsProtobufjs('long');
  protobuf.util.Long = Long;
  protobuf.configure();
}
