/** `grpc.health.v1.Health`: the server as a whole, each service, and each model by its name. */
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import type { Messages } from '@serving/protos/messages';
import type { GrpcModelServer } from '../grpc-model-server.js';
import { messageMethod } from './service-definitions.js';

type CheckRequest = Messages['grpc.health.v1.HealthCheckRequest'];
type CheckResponse = Messages['grpc.health.v1.HealthCheckResponse'];
type ListRequest = Messages['grpc.health.v1.HealthListRequest'];
type ListResponse = Messages['grpc.health.v1.HealthListResponse'];

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

/** The names of TensorFlow Serving's health service, and the services' full ones. */
const SERVICE_NAMES: readonly string[] = [
  'PredictionService',
  'ModelService',
  'tensorflow.serving.PredictionService',
  'tensorflow.serving.ModelService',
];

export const healthServiceDefinition: ServiceDefinition = {
  Check: messageMethod(
    '/grpc.health.v1.Health/Check',
    'grpc.health.v1.HealthCheckRequest',
    'grpc.health.v1.HealthCheckResponse',
  ),
  List: messageMethod(
    '/grpc.health.v1.Health/List',
    'grpc.health.v1.HealthListRequest',
    'grpc.health.v1.HealthListResponse',
  ),
  Watch: messageMethod(
    '/grpc.health.v1.Health/Watch',
    'grpc.health.v1.HealthCheckRequest',
    'grpc.health.v1.HealthCheckResponse',
    { response: true },
  ),
};

const watchedEvents = [
  'servable:available',
  'servable:unloading',
  'servable:end',
  'config:reloaded',
  'server:draining',
] as const;

interface Watcher {
  readonly call: ServerWritableStream<CheckRequest, CheckResponse>;
  readonly service: string;
  last: number | undefined;
}

/**
 * A model serves while a version of it is available. The whole (`''`) serves while every configured model does, and it and the
 * services no more once the model server is draining.
 */
export class HealthService implements Disposable {
  readonly #server: GrpcModelServer;
  readonly #extensions: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  readonly #unsubscribe: readonly (() => void)[];

  /** @param extensions full names of services beside TensorFlow Serving's; each serves while the whole does */
  constructor(server: GrpcModelServer, extensions: readonly string[] = []) {
    this.#server = server;
    this.#extensions = new Set(extensions);
    const notify = (): void => this.#notify();
    this.#unsubscribe = watchedEvents.map((event) => server.on(event, notify));
  }

  readonly check: handleUnaryCall<CheckRequest, CheckResponse> = ({ request: { service = '' } }, respond) => {
    const found = this.#statusOf(service);
    if (found === undefined) respond({ code: status.NOT_FOUND, details: `unknown service ${service}` });
    else respond(null, { status: found });
  };

  readonly list: handleUnaryCall<ListRequest, ListResponse> = (_call, respond) => {
    const names = new Set(['', ...SERVICE_NAMES, ...this.#extensions, ...this.#server.modelNames]);
    const statuses = [...names].map((key) => ({ key, value: { status: this.#statusOf(key)! } }));
    respond(null, { statuses });
  };

  readonly watch: handleServerStreamingCall<CheckRequest, CheckResponse> = (call) => {
    const watcher: Watcher = { call, service: call.request.service ?? '', last: undefined };
    this.#watchers.add(watcher);
    const forget = (): void => {
      this.#watchers.delete(watcher);
    };
    call.on('cancelled', forget);
    call.on('close', forget);
    call.on('error', forget);
    this.#tell(watcher);
  };

  /** Tells the watchers what is, and lets them go. */
  [Symbol.dispose](): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#notify();
    for (const { call } of this.#watchers) call.end();
    this.#watchers.clear();
  }

  #notify(): void {
    for (const watcher of this.#watchers) this.#tell(watcher);
  }

  #tell(watcher: Watcher): void {
    const now = this.#statusOf(watcher.service) ?? SERVICE_UNKNOWN;
    if (now === watcher.last) return;
    watcher.last = now;
    watcher.call.write({ status: now });
  }

  #statusOf(service: string): number | undefined {
    const isOpen = this.#server.state === 'serving';
    if (this.#server.modelNames.includes(service)) return isOpen && this.#isAvailable(service) ? SERVING : NOT_SERVING;
    if (service === '' || this.#extensions.has(service)) {
      return isOpen && this.#server.modelNames.every((model) => this.#isAvailable(model)) ? SERVING : NOT_SERVING;
    }
    if (SERVICE_NAMES.includes(service)) return isOpen ? SERVING : NOT_SERVING;
    return undefined;
  }

  #isAvailable(model: string): boolean {
    try {
      return this.#server.getModelStatus({ model }).some(({ state }) => state === 'AVAILABLE');
    } catch {
      // No version of it is known.
      return false;
    }
  }
}
