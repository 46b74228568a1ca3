/** One request, as those who measure see it. */
import { type Clock, systemClock } from '../clock.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Version } from '../servable/version.js';
import type { ServingError } from '../serving-error.js';
import type { StatusCode } from '../status-code.js';
import { type RequestStage, requestChannel, responseChannel, stageChannels } from './channels.js';

/** The API surface that a request came in through. */
export type Entrypoint = 'REST' | 'GRPC' | 'OPEN_INFERENCE' | 'IN_PROCESS';

/** The API; `''` for requests outside of any: OPTIONS and targets that don't parse. */
export type RequestApi =
  | 'Predict'
  | 'Classify'
  | 'Regress'
  | 'MultiInference'
  | 'GetModelStatus'
  | 'GetModelMetadata'
  | '';

/** What is known of a request when it arrives. */
export interface RequestTraceOptions {
  /** The model server that it is for. */
  readonly server: object;
  readonly entrypoint: Entrypoint;
  readonly api: RequestApi;
  /** The requested name, known or not; `''` when there is none. */
  readonly model: string;
  /** The request's headers or metadata, by names in lower case: where a caller's trace context is. */
  readonly headers?: {
    /** The value of one; `undefined` when there is none. */
    header(name: string): string | undefined;
  };
  /** Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** From when to when, in milliseconds of the clock of the model server or API: by default `performance.now()`. */
export interface TimeSpan {
  readonly startTime: number;
  readonly endTime: number;
  /** What it failed with. */
  readonly error?: ServingError;
}

/** What `serving:decode`, `serving:queue`, `serving:run` and `serving:encode` carry. */
export interface RequestStageEvent extends TimeSpan {
  readonly request: RequestTrace;
  readonly stage: RequestStage;
}

/** Whether a request that arrives now is traced: a subscriber is there. */
export function requestsAreObserved(): boolean {
  return requestChannel.hasSubscribers;
}

/**
 * Made where a request enters, when {@link requestsAreObserved}; then the request is always in one stage or none, and
 * {@link RequestTrace.finish} ends it. Wire APIs and `ModelServer` call the methods; listeners only read.
 */
export class RequestTrace {
  readonly server: object;
  readonly entrypoint: Entrypoint;
  readonly api: RequestApi;
  readonly headers: RequestTraceOptions['headers'];
  readonly startTime: number;
  /** The requested name, known or not; `''` when there is none. A wire API sets it where it is in the body. */
  model: string;
  /** The version that was found. */
  version: Version | undefined = undefined;
  /** The signature that was found. */
  signature: string | undefined = undefined;
  /** How many examples a MultiInference request has. */
  exampleCount: number | undefined = undefined;
  /** Set when it is over, with `endTime`. */
  status: StatusCode | undefined = undefined;
  endTime: number | undefined = undefined;
  /** Whether its own run was over when it returned, on the event loop's thread; `undefined` before its run, and when a batch ran it. */
  ranInline: boolean | undefined = undefined;
  /** Milliseconds of each stage that is over, while `serving:response` has listeners. */
  stageMs: { [Stage in RequestStage]?: number } | undefined = undefined;
  /** What it failed with, where that is an error. */
  error: ServingError | undefined = undefined;
  // No `#` fields, which take as long to define as the rest of the object.
  private readonly clock: Pick<Clock, 'now'>;
  private stage: RequestStage | undefined = undefined;
  private stageStart = 0;
  private isQueued = false;

  /** Publishes it on `serving:request`. */
  constructor({ server, entrypoint, api, model, headers, clock = systemClock }: RequestTraceOptions) {
    this.server = server;
    this.entrypoint = entrypoint;
    this.api = api;
    this.model = model;
    this.headers = headers;
    this.clock = clock;
    this.startTime = clock.now();
    requestChannel.publish(this);
  }

  /** Whether it waited for a batch. */
  get wasQueued(): boolean {
    return this.isQueued;
  }

  /** Which version and signature the request turned out to be for. */
  found({ version }: ServableId, signature?: string): void {
    this.version = version;
    if (signature !== undefined) this.signature = signature;
  }

  /** The stage that begins now; the one before is over. Nothing happens when it is in this stage, or over. */
  enter(stage: RequestStage): void {
    if (stage === this.stage || this.endTime !== undefined) return;
    const now = this.clock.now();
    this.leave(now, undefined);
    this.stage = stage;
    this.stageStart = now;
  }

  /** What was entered as its run turns out to be a wait for a batch. The first call counts. */
  queued(): void {
    if (this.isQueued || this.stage !== 'run') return;
    this.isQueued = true;
    this.stage = 'queue';
  }

  /** Its answer is decided. The first call counts. */
  finish(status: StatusCode, error?: ServingError): void {
    if (this.endTime !== undefined) return;
    const now = this.clock.now();
    this.leave(now, error);
    this.status = status;
    this.error = error;
    this.endTime = now;
    if (responseChannel.hasSubscribers) responseChannel.publish(this);
  }

  /** Called at the end of each stage, for subclasses that add up how long they took. */
  protected stageEnded(_stage: RequestStage, _startTime: number, _endTime: number): void {
    // A plain trace leaves that to its listeners.
  }

  private leave(endTime: number, error: ServingError | undefined): void {
    const stage = this.stage;
    if (stage === undefined) return;
    this.stage = undefined;
    const startTime = this.stageStart;
    this.stageEnded(stage, startTime, endTime);
    if (responseChannel.hasSubscribers) {
      this.stageMs ??= {};
      this.stageMs[stage] = (this.stageMs[stage] ?? 0) + endTime - startTime;
    }
    const channel = stageChannels[stage];
    if (!channel.hasSubscribers) return;
    const event: RequestStageEvent = { request: this, stage, startTime, endTime, ...(error && { error }) };
    channel.publish(event);
  }
}
