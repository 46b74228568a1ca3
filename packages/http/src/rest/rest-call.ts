/** One request to an inference API over REST: its caller, its limits, and the call that it becomes. */
import { ServingError } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { Clock, PredictBodyRequest, ResolvedSignature, Signature } from '@serving/core/extend';
import type { SliceQueue } from '@serving/core/internal';
import { type Caller, InferenceCall, type PredictionService } from '@serving/core/internal';
import type { SlicedWork } from '@serving/json-codec';
import { inflateGzip, isGzip } from '../formats/gzip-body.js';
import { type BodyBytes, type HttpRequest, wholeOf } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';

/** What the requests of a handler share. */
export interface RestCallContext {
  readonly service: PredictionService;
  readonly clock: Clock;
  /** Milliseconds that a run may take. */
  readonly timeoutMs: number | false;
  /** Where large bodies are read and written. */
  readonly queue: SliceQueue;
}

/** Finds the model after the body is checked, so that errors of the body come first. */
export class RestCall implements Caller, PredictBodyRequest {
  readonly model: PathModelSpec;
  readonly request: HttpRequest;
  readonly trace: RequestTrace | undefined;
  /** A run that is over when it returns has no use for the signal, which takes longer to find than to begin one. */
  readonly isAborted: boolean = false;
  readonly timeoutMessage: string = TIMED_OUT;
  // No `#` fields, which take as long to define as the rest of the object.
  private readonly context: RestCallContext;
  private begun: InferenceCall | undefined = undefined;
  private end: number | undefined = undefined;

  constructor(context: RestCallContext, model: PathModelSpec, request: HttpRequest, trace: RequestTrace | undefined) {
    this.context = context;
    this.model = model;
    this.request = request;
    this.trace = trace;
    if (trace !== undefined) trace.enter('decode');
  }

  /** What {@link begin} has begun. */
  get call(): InferenceCall {
    if (this.begun === undefined) throw new ServingError('INTERNAL', `No version of ${this.model.model} is held`);
    return this.begun;
  }

  get signal(): AbortSignal | undefined {
    return this.request.signal;
  }

  /** The time begins when it is first read: with the run, or with the first slice of a large body. */
  get deadline(): number | undefined {
    const { timeoutMs, clock } = this.context;
    if (timeoutMs === false) return undefined;
    this.end ??= clock.now() + timeoutMs;
    return this.end;
  }

  header(name: string): string | undefined {
    return this.request.header(name);
  }

  /** The bytes of the body, inflated where `Content-Encoding` is gzip. */
  get body(): BodyBytes | Promise<Uint8Array> {
    const body = this.request.body ?? noBytes;
    const encoding = this.request.header('content-encoding');
    return encoding !== undefined && isGzip(encoding) ? inflateGzip(wholeOf(body)) : body;
  }

  /** Holds the version that the path means. @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT` */
  begin(): InferenceCall {
    this.begun = InferenceCall.begin(this.context.service, this.model, this);
    return this.begun;
  }

  resolve(signatureName: string | undefined): ResolvedSignature {
    const call = this.begin();
    return { servableId: call.handle.id, signature: call.signature(signatureName, 'rest-predict') };
  }

  /** {@link resolve} for JSON. @throws ServingError `INVALID_ARGUMENT` also for a signature without inputs */
  resolveJson(signatureName: string | undefined): Signature {
    const signature = this.begin().signature(signatureName, 'rest-predict');
    if (signature.inputs.size > 0) return signature;
    throw new ServingError('INVALID_ARGUMENT', `Failed to get input map for signature: ${signatureName || 'DEFAULT'}`);
  }

  /**
   * Does work on a large body or response, and lets the event loop turn between its slices.
   *
   * @throws ServingError what the work failed with, `CANCELLED` when the client goes, `DEADLINE_EXCEEDED` when it takes too long
   */
  inSlices<T>(work: SlicedWork<T>): Promise<T> {
    const { signal, deadline = Number.POSITIVE_INFINITY } = this;
    const { queue, clock } = this.context;
    return queue.run(work, () => {
      if (signal?.aborted) throw new ServingError('CANCELLED', 'The client went before its request was answered');
      if (clock.now() >= deadline) throw new ServingError('DEADLINE_EXCEEDED', TIMED_OUT);
    });
  }

  /** The request is answered, but for the encoding. */
  release(): void {
    this.begun?.release();
  }
}

/** TensorFlow Serving's text. */
const TIMED_OUT = 'Timed out waiting for notification';

const noBytes = new Uint8Array(0);
