/** Which tensors of a model tfjs-node can feed and fetch. */
import { ServingError } from '@serving/core';
import type { SignatureDefMap, TensorInfo } from '@serving/core/extend';
import { dataTypeEnumName, dataTypeFromNumber } from '@serving/core/tensor';
import type { AddonDataType } from './worker-messages.js';

/** Data types by graph tensor name (`x:0`). */
export interface RunnableTensors {
  readonly feeds: ReadonlyMap<string, AddonDataType>;
  readonly fetches: ReadonlyMap<string, AddonDataType>;
}

const feedable: ReadonlySet<string> = new Set<AddonDataType>(['float', 'int32', 'int64', 'uint8', 'bool', 'string']);
const fetchable: ReadonlySet<string> = new Set<AddonDataType>([
  'float',
  'int32',
  'int64',
  'bool',
  'string',
  'complex64',
]);

/** Names an operation, not tensors. */
const INIT_OP_SIGNATURE = '__saved_model_init_op';

/** How many refused tensors an error lists. */
const MAX_TOLD = 3;

/**
 * The plain tensors of all signatures. Sparse and composite ones are left out: no runtime is asked for them.
 *
 * @throws ServingError `UNIMPLEMENTED` that names signature, tensor and data type when a signature has a tensor of a type
 * that tfjs-node can't feed or fetch.
 */
export function runnableTensors(signatureDefs: SignatureDefMap, directory: string): RunnableTensors {
  const feeds = new Map<string, AddonDataType>();
  const fetches = new Map<string, AddonDataType>();
  const refused: string[] = [];
  for (const [name, { inputs, outputs }] of signatureDefs) {
    if (name === INIT_OP_SIGNATURE) continue;
    collect(inputs, feedable, feeds, (alias, dtype) => refused.push(`input "${alias}" (${dtype}) of "${name}"`));
    collect(outputs, fetchable, fetches, (alias, dtype) => refused.push(`output "${alias}" (${dtype}) of "${name}"`));
  }
  if (refused.length === 0) return { feeds, fetches };
  const more = refused.length > MAX_TOLD ? ` and ${refused.length - MAX_TOLD} more` : '';
  throw new ServingError(
    'UNIMPLEMENTED',
    `The SavedModel in ${directory} has signatures with data types that @tensorflow/tfjs-node does not support: ` +
      `${refused.slice(0, MAX_TOLD).join(', ')}${more}. Use @serving/runtime-tensorflow for it`,
  );
}

/** `x` as `x:0`. */
export function fullTensorName(name: string): string {
  return name.includes(':') ? name : `${name}:0`;
}

function collect(
  infos: ReadonlyMap<string, TensorInfo>,
  supported: ReadonlySet<string>,
  into: Map<string, AddonDataType>,
  refuse: (alias: string, dtype: string) => void,
): void {
  for (const [alias, info] of infos) {
    if (info.name === undefined) continue;
    const dtype = dataTypeFromNumber(info.dtype);
    if (dtype !== undefined && supported.has(dtype)) into.set(fullTensorName(info.name), dtype as AddonDataType);
    else refuse(alias, dataTypeEnumName(info.dtype) ?? `data type number ${info.dtype}`);
  }
}
