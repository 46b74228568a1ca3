/** The attributes of a request in spans and measurements. */
import type { Attributes } from '@opentelemetry/api';
import type { RequestTrace } from '@serving/core/diagnostics';
import { versionToJson } from '@serving/core/internal';

/** Known when a request arrives. */
export function requestAttributes({ api, entrypoint, model }: RequestTrace): Attributes {
  return { 'serving.api': api, 'serving.entrypoint': entrypoint, 'serving.model.name': model };
}

/** Known when it is answered. `error.type` is the canonical code. */
export function responseAttributes({ version, signature, status }: RequestTrace): Attributes {
  return {
    ...(version !== undefined && { 'serving.model.version': versionToJson(version) }),
    ...(signature !== undefined && { 'serving.signature.name': signature }),
    ...(status !== undefined && { 'serving.status': status, ...(status !== 'OK' && { 'error.type': status }) }),
  };
}
