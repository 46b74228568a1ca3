/** A request's ModelSpec → what the model server is asked for. */
import { type ModelSpec, ServingError } from '@serving/core';
import type { ModelSpecMessage } from '@serving/protos';

/**
 * @throws ServingError `INVALID_ARGUMENT` when there is none or it names no model, `NOT_FOUND` for a version that no
 * servable can have.
 */
export function toModelSpec(spec: ModelSpecMessage | undefined): ModelSpec {
  const { name: model, version, versionLabel } = presentSpec(spec);
  if (versionLabel !== undefined) return { model, label: versionLabel };
  if (version === undefined) return { model };
  if (model !== '' && !isPossibleVersion(version)) {
    throw new ServingError('NOT_FOUND', `Servable not found for request: Specific(${model}, ${version})`);
  }
  return { model, version: Number(version) };
}

/** @throws ServingError `INVALID_ARGUMENT` when there is none. */
export function presentSpec(spec: ModelSpecMessage | undefined): ModelSpecMessage {
  if (!spec) throw new ServingError('INVALID_ARGUMENT', 'Missing ModelSpec');
  return spec;
}

/** Versions are held as numbers; none beyond what those hold exactly is ever served. */
export function isPossibleVersion(version: bigint): boolean {
  return Number.isSafeInteger(Number(version));
}
