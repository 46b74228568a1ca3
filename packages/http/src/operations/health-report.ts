/** Liveness and readiness, as the responses of health endpoints. */
import { type ModelServerState, type ModelVersionStatus, ServingError } from '@serving/core';
import { versionToJson } from '@serving/core/internal';
import type { HttpResponse } from '../http-message.js';
import type { HttpExtension, HttpRoute } from '../routing/http-extension.js';
import { pathOf } from '../routing/request-target.js';

/** What the endpoints report on; a `ModelServer` is one. */
export interface HealthSource {
  /** Default `serving`. */
  readonly state?: ModelServerState;
  /** The models that have to be available. Default: none. */
  readonly modelNames?: readonly string[];
  /** The versions of a model; throws for one without versions, with the reason. */
  getModelStatus(spec: { readonly model: string }): readonly ModelVersionStatus[];
}

/** `PATH/live`, `PATH/ready` and `PATH/ready/MODEL`, for any method. */
export class HealthEndpoints implements HttpExtension<HealthQuestion> {
  readonly paths: readonly string[];
  readonly #current: () => HealthSource | undefined;
  readonly #path: string;
  #isDraining = false;

  /** @param current returns `undefined` until the model server has started. */
  constructor(current: () => HealthSource | undefined, path: string) {
    this.paths = [path];
    this.#current = current;
    this.#path = path;
  }

  match(_method: string, target: string): HealthQuestion | undefined {
    return parseHealthPath(pathOf(target), this.#path);
  }

  handle(question: HealthQuestion): HttpResponse {
    return healthReport(this.#current(), question, this.#isDraining);
  }

  /** From now on ready is 503, even if the model server itself isn't draining. */
  drain(): void {
    this.#isDraining = true;
  }
}

/** The endpoint of a path, or `undefined`. Model names are percent-decoded. */
function parseHealthPath(path: string, healthPath: string): HealthQuestion | undefined {
  if (path === `${healthPath}/live`) return { kind: 'live' };
  if (path === `${healthPath}/ready`) return { kind: 'ready' };
  const prefix = `${healthPath}/ready/`;
  if (!path.startsWith(prefix) || path.length === prefix.length) return undefined;
  try {
    return { kind: 'ready', model: decodeURIComponent(path.slice(prefix.length)) };
  } catch {
    return undefined;
  }
}

/** `model`: of this one alone. */
export type HealthQuestion = HttpRoute &
  ({ readonly kind: 'live' } | { readonly kind: 'ready'; readonly model?: string });

/**
 * Live: always 200, also while the server drains, so that it is not killed. Ready: 200 when the server takes requests and each of its
 * models (or the requested one) has a version available, else 503; 404 for a model that is not configured. Without a source the server is
 * still starting; `isDraining` is for a listener that drains before its model server. The body has the reason, as JSON.
 */
export function healthReport(
  source: HealthSource | undefined,
  question: HealthQuestion,
  isDraining = false,
): HttpResponse {
  if (question.kind === 'live') return json(200, { status: 'live' });
  const sourceState = source ? (source.state ?? 'serving') : 'starting';
  const state = isDraining && sourceState === 'serving' ? 'draining' : sourceState;
  const names = source?.modelNames ?? [];
  const { model } = question;
  if (model !== undefined && state === 'serving' && source?.modelNames && !names.includes(model)) {
    return json(404, { status: 'unknown', model });
  }
  const asked = model === undefined ? names : [model];
  const models = asked.map((name) => [name, source ? modelHealth(source, name) : { ready: false }] as const);
  const ready = state === 'serving' && models.every(([, health]) => health.ready);
  return json(ready ? 200 : 503, {
    status: ready ? 'ready' : 'not ready',
    state,
    models: Object.fromEntries(models),
  });
}

interface ModelHealth {
  readonly ready: boolean;
  /** Those available, highest first; digits where a number is not exact. */
  readonly versions?: readonly (number | string)[];
  /** Why there is none. */
  readonly reason?: string;
}

function modelHealth(source: HealthSource, model: string): ModelHealth {
  let statuses: readonly ModelVersionStatus[];
  try {
    statuses = source.getModelStatus({ model });
  } catch (error) {
    return { ready: false, reason: ServingError.from(error).clientMessage };
  }
  const versions = statuses.filter(({ state }) => state === 'AVAILABLE').map(({ version }) => versionToJson(version));
  if (versions.length > 0) return { ready: true, versions };
  const failed = statuses.find(({ status }) => status.errorCode !== 'OK');
  const latest = statuses[0];
  const reason = failed?.status.errorMessage ?? (latest && `Version ${latest.version} is ${latest.state}`);
  return { ready: false, ...(reason !== undefined && { reason }) };
}

function json(status: number, value: object): HttpResponse {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
  };
  return { status, headers, body };
}
