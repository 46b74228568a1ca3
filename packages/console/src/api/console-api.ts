/**
 * What the console's pages get from the server, as JSON. Types only, so that the pages and the server share this file.
 *
 * Every address is relative to the console's base, the folder of `index.html`: a console at `/console` of a server mounted at `/a/b` has
 * the base `/a/b/console/`. The pages use relative addresses only (`fetch('api/snapshot')`, `new EventSource('api/events')`).
 *
 * | request | answer |
 * | --- | --- |
 * | `GET api/snapshot` | {@link ConsoleSnapshot} |
 * | `GET api/events` | server-sent events, see {@link ConsoleEvents} |
 * | `GET api/models/MODEL/history` | {@link ModelHistory} |
 * | `GET api/models/MODEL/versions/VERSION/signatures` | {@link VersionSignatures} |
 * | `GET api/models/MODEL/versions/VERSION/examples` | {@link VersionExamples} |
 * | `POST api/actions/ACTION` | `{}` when it is done; the body is the action's type in {@link ConsoleActions} |
 *
 * `MODEL` is percent-encoded. An error is `{"error": MESSAGE}` with its status: 404 for what is unknown, 403 for an action of a read-only
 * console, 400 for a wrong body. Actions want `Content-Type: application/json`.
 *
 * Times are milliseconds since 1970 (`Date.now()`), durations are milliseconds. Versions are decimal digits, as they exceed 2⁵³ sometimes.
 * The server measures requests only while a page looks: from `GET api/snapshot` or `api/events` until no event stream is open for 10 s.
 *
 * **How the playground sends requests.** To the server's own APIs, below {@link ServerInfo.apis}: `v1` is the relative address of
 * TensorFlow Serving's REST API, such as `../v1`, so that a predict goes to `${v1}/models/MODEL/versions/VERSION:predict` with JSON
 * (`{"signature_name": …, "instances": […]}` or `"inputs"`), a `.npy` file (`Content-Type: application/x-npy`) or one raw tensor
 * (`application/octet-stream` with `Serving-Shape: 1,28,28` and `Serving-Dtype`). `v2` is that of the Open Inference Protocol, such as
 * `../v2`: `${v2}/models/MODEL/versions/VERSION/infer`, JSON or binary tensors; `undefined` where it is not mounted.
 *
 * **Timing by stage.** A request with the header `Console-Request: ID` (any text of up to 64 characters) has its stages sent as the event
 * `timing` with that `id`, while an event stream is open.
 */

/** All that the pages show at first. */
export interface ConsoleSnapshot {
  /** The server's clock. */
  readonly time: number;
  readonly server: ServerInfo;
  /** In the order of the configuration. */
  readonly models: readonly ModelInfo[];
  /** What a tick would say now. */
  readonly tick: ConsoleTick;
  /** The newest events, the oldest of them first. */
  readonly log: readonly LogEntry[];
  /** Process samples of the last hour while a page looked, oldest first. */
  readonly processHistory: readonly ProcessSample[];
}

/** The events of `api/events`, by the name that `addEventListener` takes. */
export interface ConsoleEvents {
  /** Every second. */
  readonly tick: ConsoleTick;
  /** Whenever a model or version changes: the whole models that changed. */
  readonly models: ModelsChange;
  /** Whenever something happens. */
  readonly log: LogEntry;
  /** The end of a request with the header `Console-Request`. */
  readonly timing: RequestTiming;
}

/** Which models changed, and the names of all in their order: models that are not listed any more are gone. */
export interface ModelsChange {
  readonly names: readonly string[];
  readonly changed: readonly ModelInfo[];
}

/** What does not change while the server runs. */
export interface ServerInfo {
  /** Of the packages. */
  readonly version: string;
  /** Such as `24.11.0`. */
  readonly nodeVersion: string;
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly pid: number;
  /** When the process started. */
  readonly startTime: number;
  /** Processors that the process may use. */
  readonly cpus: number;
  readonly totalMemoryBytes: number;
  readonly state: 'starting' | 'serving' | 'draining' | 'closed';
  readonly engines: readonly EngineInfo[];
  /** Actions that the console may do; empty when it is read-only. */
  readonly actions: readonly ConsoleActionName[];
  readonly apis: MountedApis;
}

/** A library that runs models. */
export interface EngineInfo {
  /** Such as `tensorflow` or `onnx`. */
  readonly name: string;
  /** Such as `2.21.0`; absent while it is not known, as for an engine of the application's own. */
  readonly libraryVersion?: string;
}

/** Addresses relative to the console's base, without a slash at their end. */
export interface MountedApis {
  readonly v1: string;
  readonly v2?: string;
  /** Host and port, such as `127.0.0.1:8500`, where they are known. */
  readonly grpc?: string;
  /** The OpenAPI document, such as `../openapi.json`. */
  readonly openapi?: string;
}

/** A configured model. */
export interface ModelInfo {
  readonly name: string;
  /** Such as `tensorflow` or `onnx`. */
  readonly platform?: string;
  /** The policy that chooses the versions, in words: `latest 1`, `all`, `versions 3, 5`. */
  readonly policy?: string;
  readonly isBatched: boolean;
  /** Whether it was unloaded by request and stays configured. */
  readonly isParked: boolean;
  /** Versions by label. */
  readonly labels: Readonly<Record<string, string>>;
  /** The version that requests without one get; absent without an available version. */
  readonly defaultVersion?: string;
  /** Why the model has no versions, or what is wrong with its base path. */
  readonly problems: readonly string[];
  /** Known versions, highest first; those that ended too. */
  readonly versions: readonly VersionInfo[];
}

export type VersionState = 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** A version of a model. */
export interface VersionInfo {
  readonly version: string;
  readonly state: VersionState;
  /** When it came to this state. */
  readonly since: number;
  /** Why it failed or waits. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Why it is there or was unloaded, in words, such as `the latest version` or `no longer aspired`. */
  readonly why?: string;
  readonly engine?: string;
  readonly labels: readonly string[];
  /** Of the last load that succeeded. */
  readonly loadMs?: number;
  /** Warm-up requests of that load. */
  readonly warmupRequests?: number;
  /** Estimated memory of the loaded version. */
  readonly memoryBytes?: number;
  /** Its states, oldest first: the last 32. */
  readonly timeline: readonly StateChange[];
}

/** A state of a version, until the next one. */
interface StateChange {
  readonly time: number;
  readonly state: VersionState;
  readonly error?: string;
}

/** What happened. */
export interface LogEntry {
  /** Ascending. */
  readonly id: number;
  readonly time: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly model?: string;
  readonly version?: string;
}

/** One second of everything. */
export interface ConsoleTick {
  readonly time: number;
  readonly process: ProcessSample;
  /** Models with requests in this second or in flight, by name; others are idle. */
  readonly models: Readonly<Record<string, ModelSample>>;
}

/** The process in one second. */
export interface ProcessSample {
  readonly time: number;
  /** Of one core: 1 is one core busy for the whole second. */
  readonly cpu: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** The 99th percentile and the largest delay of the event loop. */
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
  /** Of the event loop: 1 is never idle. */
  readonly eventLoopUtilization: number;
  /** Threads of the process; absent where the system does not say. */
  readonly threads?: number;
}

/** Requests of a model (all versions) in a second, or in ten seconds of a history. */
export interface ModelSample {
  /** Requests that ended. */
  readonly requests: number;
  /** Of them, those that failed. */
  readonly errors: number;
  /** Failed requests by code, such as `INVALID_ARGUMENT`. */
  readonly errorsByCode: Readonly<Record<string, number>>;
  readonly inFlight: number;
  /** Durations of requests; absent without any. */
  readonly latency?: Percentiles;
  /** Mean duration of each stage that requests went through. */
  readonly stages: { readonly [Stage in StageName]?: number };
  /** Batches by their number of rows, padding left out. */
  readonly batchSizes: Readonly<Record<string, number>>;
  /** Batches by why they closed. */
  readonly closeReasons: { readonly [Reason in CloseReason]?: number };
  /** Runs on the event loop's thread, and on others. */
  readonly inlineRuns: number;
  readonly threadedRuns: number;
}

export type StageName = 'decode' | 'queue' | 'run' | 'encode';

/**
 * - `full`: it had as many rows as it may;
 * - `no_room`: the next request did not fit into it;
 * - `slot_free`: batches wait for no further requests, and a slot was free;
 * - `timeout`: it had waited as long as it may;
 * - `closing`: the version was being unloaded;
 * - `part`: a part of a batch that runs in portions, or that failed.
 */
export type CloseReason = 'full' | 'no_room' | 'slot_free' | 'timeout' | 'closing' | 'part';

/** In milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The last hour of a model, as far as a page looked: a time without a sample was not measured or had no requests. */
export interface ModelHistory {
  readonly model: string;
  /** Spans in which requests were measured, oldest first; `until` is absent for the present one. */
  readonly measured: readonly { readonly since: number; readonly until?: number }[];
  /** Of the last five minutes, one per second. */
  readonly seconds: readonly TimedModelSample[];
  /** Of the last hour, one per ten seconds. */
  readonly tenSeconds: readonly TimedModelSample[];
}

/** `time` is the end of the span. */
export interface TimedModelSample extends ModelSample {
  readonly time: number;
}

/** A request with the header `Console-Request`. */
export interface RequestTiming {
  /** The header's value. */
  readonly id: string;
  readonly model: string;
  readonly version?: string;
  readonly signature?: string;
  /** Such as `OK`. */
  readonly status: string;
  readonly totalMs: number;
  readonly stages: { readonly [Stage in StageName]?: number };
  /** Whether it ran on the event loop's thread; absent when it did not run, or in a batch. */
  readonly ranInline?: boolean;
}

/** The signatures of a version. */
export interface VersionSignatures {
  readonly model: string;
  readonly version: string;
  readonly signatures: readonly SignatureInfo[];
}

/** A signature of a version. */
export interface SignatureInfo {
  readonly name: string;
  /** Such as `tensorflow/serving/predict`. */
  readonly methodName: string;
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** An input or output. */
export interface SignatureTensor {
  readonly name: string;
  /** TensorFlow's name, such as `DT_FLOAT` or `DT_STRING`. */
  readonly dtype: string;
  /** The Open Inference Protocol's name, such as `FP32` or `BYTES`; absent for types that it lacks. */
  readonly datatype?: string;
  /** Absent when the rank is not known. */
  readonly shape?: readonly Dimension[];
  /** Whether a request may leave the input out. */
  readonly isOptional?: boolean;
}

/** `size` is -1 when any size is accepted. */
export interface Dimension {
  readonly size: number;
  /** Where the model names it, such as `batch`. */
  readonly name?: string;
}

/** Inputs of requests that were logged while a page looked, newest first, and those that the version's author provided. */
export interface VersionExamples {
  readonly model: string;
  readonly version: string;
  readonly examples: readonly InputExample[];
}

/** Inputs for one request of a signature. */
export interface InputExample {
  /** Such as `warm-up request 1` or `logged at 14:03:05 UTC`. */
  readonly title: string;
  readonly signature: string;
  /** Columns as in `"inputs"` of TensorFlow Serving's JSON: nested lists by input name; bytes are `{"b64": …}`. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Bodies of `POST api/actions/ACTION`. */
export interface ConsoleActions {
  /** Reads the model configuration again. */
  readonly reload: Readonly<Record<string, never>>;
  /** Polls the base path of a model, or of all. */
  readonly poll: { readonly model?: string };
  /** Moves a label to a version, or removes it where `version` is absent. */
  readonly label: { readonly model: string; readonly label: string; readonly version?: string };
  /** Unloads a model, which stays configured. */
  readonly unload: { readonly model: string };
  /** Loads a model that was unloaded. */
  readonly load: { readonly model: string };
}

export type ConsoleActionName = keyof ConsoleActions;
