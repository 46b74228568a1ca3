/** The metadata of the server and of a model. */
import { createRequire } from 'node:module';
import type { InferenceServable, Signature, TensorSpec } from '@serving/core/extend';
import { chooseSignature, defaultSignature, signatureNames } from '../infer/choose-signature.js';
import { shownDatatype } from '../infer/datatype.js';
import type { ModelCatalog } from './model-catalog.js';
import type { RequestedModel } from './requested-model.js';

/** The metadata of a server. */
export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** What is known of a tensor before it is there. */
interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** −1 for a free dimension. */
  readonly shape: readonly number[];
}

/** What is known of a model. */
export interface ModelMetadataAnswer {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  readonly properties: Readonly<Record<string, string>>;
}

const { version: PACKAGE_VERSION } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The server's own. */
export const serverMetadata: ServerMetadata = {
  name: 'serving',
  version: PACKAGE_VERSION,
  extensions: ['binary_tensor_data', 'model_repository', 'statistics', 'parameters', 'schedule_policy'],
};

/**
 * The metadata of a model, with the tensors of one signature.
 *
 * @throws ServingError `NOT_FOUND` for an unknown model, `UNAVAILABLE` for one that can not infer, `INVALID_ARGUMENT` for an unknown
 * signature.
 */
export function modelMetadata(
  catalog: ModelCatalog,
  spec: RequestedModel,
  signatureName: string | undefined,
): ModelMetadataAnswer {
  const { model } = spec;
  const isOneVersion = spec.version !== undefined || spec.label !== undefined;
  const handle = catalog.hold(spec);
  try {
    const { signatures } = handle.servable;
    const shown =
      signatureName === undefined ? defaultSignature(signatures) : chooseSignature(model, signatures, signatureName);
    return {
      name: model,
      versions: isOneVersion ? [String(handle.id.version)] : catalog.availableVersions(model),
      platform: platformOf(catalog, model, handle.servable),
      ...tensorsOf(shown),
      properties: properties(catalog, model, signatures, shown),
    };
  } finally {
    handle.release();
  }
}

function tensorsOf(signature: Signature | undefined): Pick<ModelMetadataAnswer, 'inputs' | 'outputs'> {
  if (signature === undefined) return { inputs: [], outputs: [] };
  return { inputs: tensors(signature.inputs), outputs: tensors(signature.outputs) };
}

function tensors(specs: ReadonlyMap<string, TensorSpec>): TensorMetadata[] {
  return sorted(specs).map(({ name, dtype, shape = UNKNOWN_RANK }) => ({
    name,
    datatype: shownDatatype(dtype),
    shape,
  }));
}

function sorted(specs: ReadonlyMap<string, TensorSpec>): TensorSpec[] {
  return [...specs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The protocol has no form for it; the properties name such tensors. */
const UNKNOWN_RANK: readonly number[] = [-1];

function properties(
  catalog: ModelCatalog,
  model: string,
  signatures: ReadonlyMap<string, Signature>,
  shown: Signature | undefined,
): Record<string, string> {
  const names = signatureNames(signatures);
  const found: Record<string, string> = { signatures: names.join(',') };
  for (const name of names) {
    if (name !== shown?.name) found[`signature.${name}`] = JSON.stringify(tensorsOf(signatures.get(name)));
  }
  const labels = catalog.control?.find(model)?.versionLabels;
  if (labels !== undefined && labels.size > 0) {
    found.labels = JSON.stringify(
      Object.fromEntries(Array.from(labels, ([label, version]) => [label, String(version)])),
    );
  }
  const specs = shown === undefined ? [] : [...sorted(shown.inputs), ...sorted(shown.outputs)];
  const unknown = specs.filter(({ shape }) => shape === undefined).map(({ name }) => name);
  if (unknown.length > 0) found.unknown_rank = unknown.join(',');
  return found;
}

function platformOf(catalog: ModelCatalog, model: string, { signatureDefs }: InferenceServable): string {
  const platform = catalog.control?.find(model)?.platform;
  if (platform === undefined) return signatureDefs === undefined ? 'serving_unknown' : SAVED_MODEL;
  if (platform === 'tensorflow') return SAVED_MODEL;
  return platform === 'onnx' ? 'onnxruntime_onnx' : `serving_${platform}`;
}

const SAVED_MODEL = 'tensorflow_savedmodel';
