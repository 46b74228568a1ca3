/** Classify and Regress in process: finds the version, converts the examples and names both in errors about them. */

import type { ExampleInput } from '../messages/example.js';
import type { ExampleRequest } from '../messages/example-request.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { DEFAULT_SIGNATURE_NAME } from '../servable/signature.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { toExampleInput } from './example-input.js';
import { checkExampleKeys } from './request-keys.js';
import type { RunLimits, SignatureRunner } from './run-examples.js';

interface ExampleServer extends SignatureRunner {
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
}

/** `classify` or `regress`. */
export type ExampleApi<Result> = (
  runner: SignatureRunner,
  handle: ServableHandle<InferenceServable>,
  signatureName: string,
  input: ExampleInput,
  limits?: RunLimits,
) => Promise<Result>;

export interface ExampleAnswer<Result> {
  readonly modelSpec: { name: string; version: Version; signatureName: string };
  readonly result: Result;
}

/** @throws ServingError what the API rejects with; model, version and signature are put in front of `INVALID_ARGUMENT`. */
export async function answerExampleRequest<Result>(
  server: ExampleServer,
  request: ExampleRequest,
  limits: RunLimits | undefined,
  api: ExampleApi<Result>,
): Promise<ExampleAnswer<Result>> {
  checkExampleKeys(request);
  const handle = server.getServableHandle(request);
  const { name, version } = handle.id;
  const signatureName = request.signatureName || DEFAULT_SIGNATURE_NAME;
  try {
    if (limits?.trace) limits.trace.found(handle.id, signatureName);
    const result = await api(server, handle, signatureName, toExampleInput(request), limits);
    return { modelSpec: { name, version, signatureName }, result };
  } catch (caught) {
    const error = ServingError.from(caught);
    if (error.code !== 'INVALID_ARGUMENT') throw error;
    throw error.prefixed(`Model ${name} version ${version}, signature "${signatureName}": `);
  } finally {
    handle.release();
  }
}
