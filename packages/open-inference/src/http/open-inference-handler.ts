/** The protocol over HTTP, as an extension of the REST API. */
import { ServingError } from '@serving/core';
import { type RequestApi, RequestTrace, requestsAreObserved } from '@serving/core/diagnostics';
import type { HttpExtension, HttpExtensionContext, HttpRequest, HttpResponse } from '@serving/http/adapter';
import type { InferContext } from '../infer/infer-call.js';
import { modelMetadata, serverMetadata } from '../models/metadata.js';
import type { Readiness } from '../models/model-catalog.js';
import { modelStatistics } from '../models/model-statistics.js';
import { repositoryIndex } from '../models/repository.js';
import type { RequestedModel } from '../models/requested-model.js';
import { HttpInfer } from './http-infer.js';
import { HttpModelControl } from './http-model-control.js';
import { errorWithStatus, failureResponse, jsonResponse } from './responses.js';
import { matchRoute, type OpenInferenceRoute, type Question } from './route.js';

/** Answers every target below `/v2`. Every failure becomes a response. */
export class OpenInferenceHandler implements HttpExtension<OpenInferenceRoute> {
  readonly paths: readonly string[] = ['/v2'];
  readonly #context: InferContext;
  readonly #settings: HttpExtensionContext;
  readonly #infer: HttpInfer;
  readonly #control: HttpModelControl;
  #isDraining = false;

  constructor(context: InferContext, settings: HttpExtensionContext, allowsModelControl: boolean) {
    this.#context = context;
    this.#settings = settings;
    this.#infer = new HttpInfer(context, settings);
    this.#control = new HttpModelControl(context.catalog, allowsModelControl, settings.maxBodyBytes);
  }

  match(method: string, target: string): OpenInferenceRoute | undefined {
    return matchRoute(method, target);
  }

  handle(route: OpenInferenceRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    switch (route.kind) {
      case 'infer':
        return this.#inferred(route, request);
      case 'options':
        return this.#preflight(request);
      default:
        return this.#answered(route, request);
    }
  }

  drain(): void {
    this.#isDraining = true;
  }

  /** Inference has a trace of its own. */
  #inferred({ spec, signatureName }: InferRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const { cors } = this.#settings;
    try {
      const answer = this.#infer.answer(request, spec, signatureName);
      if (!(answer instanceof Promise)) return cors.allow(answer);
      return answer.then(
        (response) => cors.allow(response),
        (reason) => cors.allow(failureResponse(reason)),
      );
    } catch (reason) {
      return cors.allow(failureResponse(reason));
    }
  }

  async #answered(route: AnsweredRoute, request: HttpRequest): Promise<HttpResponse> {
    const response = this.#settings.cors.allow(await this.#answeredOrFailed(route, request));
    return request.method === 'HEAD' ? { ...response, body: new Uint8Array(0) } : response;
  }

  async #answeredOrFailed(route: AnsweredRoute, request: HttpRequest): Promise<HttpResponse> {
    const trace = this.#trace(route, request);
    try {
      const response = await this.#answer(route, request);
      trace?.finish(response.status === 200 ? 'OK' : 'UNAVAILABLE');
      return response;
    } catch (reason) {
      const error = ServingError.from(reason, 'INTERNAL');
      trace?.finish(error.code, error);
      const response = failureResponse(error);
      if (route.kind !== 'not-allowed') return response;
      return { ...response, headers: { ...response.headers, Allow: route.allow } };
    }
  }

  #answer(route: AnsweredRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const { catalog } = this.#context;
    switch (route.kind) {
      case 'live':
        return jsonResponse({ live: true });
      case 'ready':
        return readinessResponse(catalog.serverReadiness(this.#isDraining));
      case 'model-ready':
        return readinessResponse(catalog.modelReadiness(route.spec), { name: route.spec.model });
      case 'server-metadata':
        return jsonResponse(serverMetadata);
      case 'model-metadata':
        return jsonResponse(modelMetadata(catalog, route.spec, route.signatureName));
      case 'models':
        return jsonResponse({ models: catalog.names });
      case 'statistics':
        return this.#statistics(route.spec);
      case 'index':
        return this.#control.index(request, (readyOnly) => repositoryIndex(catalog, readyOnly));
      case 'load':
      case 'unload':
        return this.#control.change(route.kind, route.model, request);
      case 'other-repository':
        throw new ServingError('UNIMPLEMENTED', 'The server has one repository, which has no name: leave it out');
      case 'not-allowed':
        throw errorWithStatus(405, ServingError.invalidArgument(`Method Not Allowed (allowed: ${route.allow})`));
      case 'failed':
        throw route.error;
    }
  }

  async #statistics(spec: RequestedModel | undefined): Promise<HttpResponse> {
    return jsonResponse({ model_stats: await modelStatistics(this.#context, spec) });
  }

  /** Pages may send the header of binary tensors, too. */
  #preflight(request: HttpRequest): HttpResponse {
    const response = this.#settings.cors.preflight(request);
    if (response.headers['Access-Control-Allow-Headers'] === undefined) return response;
    const headers = { ...response.headers, 'Access-Control-Allow-Headers': ALLOWED_HEADERS };
    return { ...response, headers };
  }

  /** Probes and what is not about a model have no trace. */
  #trace(route: AnsweredRoute, request: HttpRequest): RequestTrace | undefined {
    const api = apis[route.kind];
    if (api === undefined || !requestsAreObserved()) return undefined;
    const spec = 'spec' in route ? route.spec : undefined;
    return new RequestTrace({
      server: this.#context.catalog.server,
      entrypoint: 'OPEN_INFERENCE',
      api,
      model: spec?.model ?? '',
      headers: request,
      clock: this.#context.clock,
    });
  }
}

type InferRoute = Extract<OpenInferenceRoute, { readonly kind: 'infer' }>;
type AnsweredRoute = Exclude<OpenInferenceRoute, { readonly kind: 'options' | 'infer' }>;

const ALLOWED_HEADERS = 'Content-Type, Content-Encoding, Inference-Header-Content-Length';

const apis: { readonly [Kind in Question['kind']]?: RequestApi } = {
  'model-metadata': 'GetModelMetadata',
  'model-ready': 'GetModelStatus',
};

function readinessResponse(readiness: Readiness, more: object = {}): HttpResponse {
  return jsonResponse({ ...more, ...readiness }, readiness.ready ? 200 : 503);
}
