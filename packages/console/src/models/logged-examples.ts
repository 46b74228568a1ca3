/** The last requests that a server has logged, as examples for the form. */
import { DEFAULT_SIGNATURE_NAME, type PredictionLog, type Signature } from '@serving/core/extend';
import { type NamedTensors, StringArray } from '@serving/core/tensor';
import type { InputExample } from '../api/console-api.js';
import { inputExample } from './input-example.js';

const MAX_EXAMPLES = 10;
const MAX_BYTES = 256 * 1024;

type PredictLog = PredictionLog & { readonly api: 'Predict' };

/** Keeps up to ten predict requests of each model, of 256 KiB at most, as they are: nothing is converted before it is asked for. */
export class LoggedExamples {
  /** Newest first. */
  readonly #logs = new Map<string, readonly PredictLog[]>();

  keep(log: PredictionLog): void {
    if (log.api !== 'Predict' || bytesOf(log.request.inputs) > MAX_BYTES) return;
    const { name } = log.logMetadata.modelSpec;
    this.#logs.set(name, [log, ...(this.#logs.get(name) ?? [])].slice(0, MAX_EXAMPLES));
  }

  /** Those of a model that these signatures take and JSON can carry. */
  of(model: string, signatures: ReadonlyMap<string, Signature>): InputExample[] {
    return (this.#logs.get(model) ?? []).flatMap((log) => exampleOf(log, signatures) ?? []);
  }

  /** Drops all. */
  clear(): void {
    this.#logs.clear();
  }
}

function exampleOf(
  { request, logMetadata }: PredictLog,
  signatures: ReadonlyMap<string, Signature>,
): InputExample | undefined {
  const { modelSpec, timestampSecs } = logMetadata;
  const signature = signatures.get(modelSpec.signatureName || DEFAULT_SIGNATURE_NAME);
  if (signature === undefined) return undefined;
  const time = new Date(timestampSecs * 1000).toISOString().slice(11, 19);
  try {
    return inputExample(`logged at ${time} UTC`, signature, request.inputs);
  } catch {
    return undefined;
  }
}

function bytesOf(tensors: NamedTensors): number {
  return Object.values(tensors).reduce(
    (sum, { data }) => sum + (data instanceof StringArray ? data.byteLength + 4 * data.length : data.byteLength),
    0,
  );
}
