/** Options of the REST API, whatever it is mounted in. */
import type { Clock, ExtensionModule, PredictBodyFormat } from '@serving/core/extend';
import { checkModelServer, checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import type { MetricsPage } from '../operations/metrics-page.js';

/** Milliseconds that a run may take by default. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Four times what a body may have by default. */
export const DEFAULT_MAX_RESPONSE_BYTES: number = 256 * 1024 * 1024;

/** What every adapter, handler and server of the REST API takes. All have defaults. */
export interface HttpRestApiOptions {
  /** Milliseconds that a run may take before its request is answered with 504; `false` for no limit. Default: 30,000. */
  readonly timeoutMs?: number | false;
  /** Bytes that a request body may have before the request is answered with 413. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Bytes that the body of an answer may have before its request is answered with 400 instead. JSON is counted while it is
   * written. Default 256 MiB.
   */
  readonly maxResponseBytes?: number;
  /** Whether answers allow pages of any origin to read them (`Access-Control-Allow-Origin: *`). Default false. */
  readonly enableCorsSupport?: boolean;
  /**
   * Path of the page for Prometheus. Default: `/monitoring/prometheus/metrics` when there are `metrics`, else no such page.
   */
  readonly prometheusPath?: string;
  /** What the page shows, such as `servingMetrics()` of `@serving/telemetry`. Default: how many requests this API has answered. */
  readonly metrics?: MetricsPage;
  /**
   * Such as `/health`: there are `/health/live`, `/health/ready` and `/health/ready/MODEL` then. TensorFlow Serving has none of them.
   * Default: not there.
   */
  readonly healthPath?: string;
  /**
   * Whether `GET /v1/models` lists the models and the status of their versions. TensorFlow Serving answers it with an error. Default: false.
   */
  readonly listModels?: boolean;
  /**
   * Whether predict bodies may have other forms than JSON, by their content type: one `.npy` file (`application/x-npy`), one raw
   * tensor (`application/octet-stream` with `Serving-Shape`), and those of `formats`. Default true; otherwise every body is JSON, as
   * in TensorFlow Serving.
   */
  readonly binaryFormats?: boolean;
  /**
   * Further forms of predict bodies, such as `protobufPredictFormat` of `@serving/protos/messages`; or modules that make one, with a function
   * `createPredictBodyFormat(server, options)`, as several threads need them. Default none.
   */
  readonly formats?: readonly (PredictBodyFormat | ExtensionModule)[];
  /**
   * Modules that answer further targets below the same mount point, each with a function `createHttpExtension`
   * (see `HttpExtension` of `@serving/http/adapter`). The API's own routes win. Default none.
   */
  readonly extensions?: readonly ExtensionModule[];
  /** Where time comes from; the model server's own, when it was given one. Default: the machine's. */
  readonly clock?: Clock;
}

/** The options by name. */
export const httpRestApiOptions: OptionsTable<HttpRestApiOptions> = {
  timeoutMs: {
    ...optionKinds.positiveOrFalse,
    default: DEFAULT_TIMEOUT_MS,
    meaning: 'a run that takes longer is answered with 504',
  },
  maxBodyBytes: { ...optionKinds.fromZero, default: 64 * 1024 ** 2, meaning: 'a larger body is answered with 413' },
  maxResponseBytes: {
    ...optionKinds.fromZero,
    default: DEFAULT_MAX_RESPONSE_BYTES,
    meaning: 'a request whose answer would be larger is answered with 400',
  },
  enableCorsSupport: { ...optionKinds.boolean, default: false, meaning: 'pages of any origin may read the answers' },
  prometheusPath: {
    ...optionKinds.path,
    default: '`/monitoring/prometheus/metrics` with `metrics`, else no page',
    meaning: 'path of the page for Prometheus',
  },
  metrics: {
    ...optionKinds.object('`MetricsPage`', 'an object with metrics, such as servingMetrics()', 'metrics'),
    default: 'how many requests were answered',
    meaning: 'what the page shows, such as `servingMetrics()`',
  },
  healthPath: {
    ...optionKinds.path,
    default: 'not there',
    meaning: '`/health`: [health endpoints](../guides/observability.md#health)',
  },
  listModels: {
    ...optionKinds.boolean,
    default: false,
    meaning: '`GET /v1/models` [lists the models](rest-api.md#list-the-models)',
  },
  binaryFormats: {
    ...optionKinds.boolean,
    default: true,
    meaning: '[binary bodies](rest-api.md#binary-bodies) are taken',
  },
  formats: {
    ...optionKinds.list('`PredictBodyFormat[]`', 'a list of formats'),
    default: 'none',
    meaning: 'more of those, such as `protobufPredictFormat`, or `createProtobufPredictFormat({ maxFilledBytes })`',
  },
  extensions: {
    ...optionKinds.list('`{ module, options }[]`', 'a list of { module, options }'),
    default: 'none',
    meaning: 'modules that answer [targets of your own](rest-api.md#extensions)',
  },
  clock: {
    ...optionKinds.object('`Clock`', 'a clock, an object with now, wallTime, setTimer', 'now', 'wallTime', 'setTimer'),
    default: "the machine's",
    meaning: "the model server's own, when it was given one",
  },
};

/**
 * Checks what a handler or server of the REST API is made with, which may have `more` options.
 *
 * @param what needs the server, for the error
 * @throws ServingError `INVALID_ARGUMENT` for a server that is none, and as `checkOptions` for the options.
 */
export function checkRestApi<T extends HttpRestApiOptions>(
  server: unknown,
  options: T,
  more: OptionsTable<Omit<T, keyof HttpRestApiOptions>>,
  what = 'The REST API',
): void {
  checkModelServer(server, what);
  checkRestApiOptions(options, more);
}

/** As {@link checkRestApi}, of the options alone. */
export function checkRestApiOptions<T extends HttpRestApiOptions>(
  options: T,
  more: OptionsTable<Omit<T, keyof HttpRestApiOptions>>,
): void {
  checkOptions(options, { ...httpRestApiOptions, ...more } as OptionsTable<T>, 'the REST API');
}
