/** Answers with the OpenAPI documents of a server and of each model. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { RestModelServer } from '@serving/http';
import type { HttpExtension, HttpExtensionContext, HttpRequest, HttpResponse, HttpRoute } from '@serving/http/adapter';
import { versionExamples } from '../models/version-examples.js';
import { versionSignatures } from '../models/version-signatures.js';
import { errorAnswer, jsonAnswer } from '../responses.js';
import { packageVersion } from '../server-info.js';
import type { DescribedModel } from './described-model.js';
import { openApiDocument } from './openapi-document.js';

/** Which document is meant; `undefined` for that of all models. */
export type OpenApiRoute = HttpRoute & ({ readonly model: string | undefined } | { readonly error: ServingError });

/** `GET /openapi.json` and `GET /openapi/MODEL.json`. Documents are made when they are asked for, of the versions that are available then. */
export class OpenApiHandler implements HttpExtension<OpenApiRoute> {
  readonly paths: readonly string[] = ['/openapi.json', '/openapi/'];
  readonly #server: RestModelServer;
  readonly #context: HttpExtensionContext;

  constructor(server: RestModelServer, context: HttpExtensionContext) {
    this.#server = server;
    this.#context = context;
  }

  match(method: string, target: string): OpenApiRoute | undefined {
    const path = target.replace(/[?#].*$/s, '');
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (path === '/openapi.json') return { model: undefined };
    const [, encoded] = /^\/openapi\/([^/]+)\.json$/.exec(path) ?? [];
    if (encoded === undefined) return undefined;
    try {
      return { model: decodeURIComponent(encoded) };
    } catch {
      const message = `The path has percent-encoding that is not UTF-8 (got ${quoteName(encoded)})`;
      return { error: ServingError.invalidArgument(message) };
    }
  }

  async handle(route: OpenApiRoute, request: HttpRequest): Promise<HttpResponse> {
    try {
      if ('error' in route) throw route.error;
      const response = jsonAnswer(await this.#document(route.model), 200, { 'Cache-Control': 'no-cache' });
      const allowed = this.#context.cors.allow(response);
      return request.method === 'HEAD' ? { ...allowed, body: new Uint8Array(0) } : allowed;
    } catch (reason) {
      return errorAnswer(ServingError.from(reason, 'INTERNAL'));
    }
  }

  async #document(model: string | undefined): Promise<object> {
    const names = model === undefined ? (this.#server.modelNames ?? []) : [model];
    const described = await Promise.all(names.map((name) => this.#describe(name, model !== undefined)));
    return openApiDocument(
      described.flatMap((each) => each ?? []),
      {
        title: model ?? 'Models of this server',
        apiVersion: packageVersion,
        serverUrl: model === undefined ? '.' : '..',
        openInference: this.#context.serves('GET', '/v2'),
      },
    );
  }

  /** `undefined` for a model without an available version, in the list of all. */
  async #describe(model: string, isOnly: boolean): Promise<DescribedModel | undefined> {
    try {
      const { examples } = await versionExamples(this.#server, { model });
      const { version, signatures } = versionSignatures(this.#server, { model });
      return { name: model, version, signatures, examples };
    } catch (error) {
      if (isOnly) throw error;
      return undefined;
    }
  }
}
