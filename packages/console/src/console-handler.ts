/** Answers the console's targets. */
import { type ModelServerEvents, ServingError } from '@serving/core';
import type { EventSource } from '@serving/core/extend';
import { modelControlOf } from '@serving/core/internal';
import type { RestModelServer } from '@serving/http';
import type { HttpExtension, HttpExtensionContext, HttpRequest, HttpResponse } from '@serving/http/adapter';
import { actionBody } from './actions/action-request.js';
import { ConsoleActionRunner } from './actions/console-actions.js';
import type { ConsoleSnapshot } from './api/console-api.js';
import { WebFiles } from './assets/web-files.js';
import { EventBroadcast } from './events/event-broadcast.js';
import { EventLog } from './events/event-log.js';
import { ModelInfos } from './models/model-infos.js';
import { versionExamples } from './models/version-examples.js';
import { versionSignatures } from './models/version-signatures.js';
import { ServerObservation } from './observation/server-observation.js';
import { type ConsoleOptions, DEFAULT_CONSOLE_PATH } from './options.js';
import { errorAnswer, jsonAnswer, redirectAnswer, streamAnswer } from './responses.js';
import { type ConsoleRoute, ConsoleRoutes } from './route.js';
import { mountedApis, serverInfo } from './server-info.js';

/** Every failure becomes a response. */
export class ConsoleHandler implements HttpExtension<ConsoleRoute> {
  readonly paths: readonly string[];
  readonly #server: RestModelServer;
  readonly #options: ConsoleOptions;
  readonly #context: HttpExtensionContext;
  readonly #routes: ConsoleRoutes;
  readonly #files: WebFiles;
  readonly #infos: ModelInfos;
  readonly #observation: ServerObservation;
  readonly #log: EventLog;
  readonly #broadcast: EventBroadcast;
  readonly #actions: ConsoleActionRunner;

  /** @param folder the built pages */
  constructor(server: RestModelServer, options: ConsoleOptions, context: HttpExtensionContext, folder: URL) {
    const { path = DEFAULT_CONSOLE_PATH, redirectRoot = false, actions = false } = options;
    const { clock } = context;
    this.paths = redirectRoot ? [path, '/'] : [path];
    this.#server = server;
    this.#options = options;
    this.#context = context;
    this.#routes = new ConsoleRoutes(path, redirectRoot);
    this.#files = new WebFiles(folder);
    this.#infos = new ModelInfos(server);
    this.#observation = new ServerObservation(server, clock);
    this.#log = new EventLog(() => clock.wallTime(), modelControlOf(server)?.recentStates() ?? []);
    this.#actions = new ConsoleActionRunner(server, actions);
    const events = eventsOf(server);
    this.#broadcast = new EventBroadcast({
      infos: this.#infos,
      observation: this.#observation,
      log: this.#log,
      events,
      clock,
    });
    if (events === undefined) return;
    this.#log.listenTo(events);
    events.on('server:draining', () => this.drain());
  }

  match(method: string, target: string): ConsoleRoute | undefined {
    return this.#routes.match(method, target);
  }

  async handle(route: ConsoleRoute, request: HttpRequest): Promise<HttpResponse> {
    try {
      const response = await this.#answer(route, request);
      return request.method === 'HEAD' ? { ...response, body: new Uint8Array(0) } : response;
    } catch (reason) {
      return errorAnswer(ServingError.from(reason, 'INTERNAL'));
    }
  }

  /** Ends what would keep the listener from closing. Pages may still be read. */
  drain(): void {
    this.#broadcast.end();
    this.#observation.close();
  }

  async #answer(route: ConsoleRoute, request: HttpRequest): Promise<HttpResponse> {
    switch (route.kind) {
      case 'redirect':
        return redirectAnswer(route.location);
      case 'file':
        return this.#files.answer(route.name, request);
      case 'snapshot':
        return jsonAnswer(this.#snapshot());
      case 'events':
        return this.#events(request);
      case 'history':
        this.#observation.touch();
        return jsonAnswer(this.#observation.historyOf(route.model));
      case 'signatures':
        return jsonAnswer(versionSignatures(this.#server, route));
      case 'examples':
        this.#observation.touch();
        return jsonAnswer(await versionExamples(this.#server, route, this.#observation.requests.logged));
      case 'action':
        await this.#actions.run(route.action, actionBody(request));
        return jsonAnswer({});
      case 'not-allowed': {
        const error = ServingError.invalidArgument(`Method Not Allowed (allowed: ${route.allow})`);
        return errorAnswer(error, 405, { Allow: route.allow });
      }
      case 'failed':
        throw route.error;
    }
  }

  #snapshot(): ConsoleSnapshot {
    if (!this.#broadcast.isEnded) this.#observation.touch();
    const models = this.#infos.of(this.#infos.names);
    const { path = DEFAULT_CONSOLE_PATH, grpcAddress } = this.#options;
    const apis = mountedApis(path, (target) => this.#context.serves('GET', target), grpcAddress);
    return {
      time: this.#context.clock.wallTime(),
      server: serverInfo(this.#server, models, { actions: this.#actions.names, apis }),
      models,
      tick: this.#observation.tick,
      log: this.#log.entries,
      processHistory: this.#observation.processHistory,
    };
  }

  #events(request: HttpRequest): HttpResponse {
    if (this.#broadcast.isEnded) throw new ServingError('UNAVAILABLE', 'The server is draining');
    if (request.method === 'HEAD') return streamAnswer(undefined);
    return streamAnswer(this.#broadcast.open());
  }
}

/** A `ModelServer` publishes its events; doubles in tests and other servers need not. */
function eventsOf(server: RestModelServer): EventSource<ModelServerEvents> | undefined {
  return 'on' in server ? (server as unknown as EventSource<ModelServerEvents>) : undefined;
}
