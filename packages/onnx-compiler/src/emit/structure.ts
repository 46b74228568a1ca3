/** Operations that pass their inputs on. */
import type { Emitter, EmitterTable } from './emitter.js';
import { inputValues } from './node-inputs.js';

const passed: Emitter = (node, _builder, context) => inputValues(node, context).slice(0, node.outputs.length);

export const structure: EmitterTable = {
  Identity: passed,
  IdentityN: passed,
  StopGradient: passed,
  PreventGradient: passed,
  Snapshot: passed,
  PlaceholderWithDefault: passed,
  EnsureShape: passed,
  CheckNumerics: passed,
  CheckNumericsV2: passed,
  DisableCopyOnRead: passed,
};
