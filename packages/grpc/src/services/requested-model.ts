/** A request's ModelSpec → what the model server is asked for. */
import { type ModelSpec, ServingError } from '@serving/core';
import type { ModelSpecMessage } from '@serving/protos/messages';

/** @throws ServingError `INVALID_ARGUMENT` when there is none. */
export function toModelSpec(spec: ModelSpecMessage | undefined): ModelSpec {
  const { name: model, version, versionLabel } = presentSpec(spec);
  if (versionLabel !== undefined) return { model, label: versionLabel };
  if (version === undefined) return { model };
  return { model, version };
}

/** @throws ServingError `INVALID_ARGUMENT` when there is none. */
export function presentSpec(spec: ModelSpecMessage | undefined): ModelSpecMessage {
  if (!spec) throw new ServingError('INVALID_ARGUMENT', 'Missing ModelSpec');
  return spec;
}
