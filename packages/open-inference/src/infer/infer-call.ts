/** One inference request on the version that it holds: what HTTP and gRPC decode for, run and encode. */
import { ServingError } from '@serving/core';
import type { RequestTraceOptions } from '@serving/core/diagnostics';
import type { Clock } from '@serving/core/extend';
import { type Caller, type CallLimits, InferenceCall, type PredictionService } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import type { ModelCatalog } from '../models/model-catalog.js';
import type { RequestedModel } from '../models/requested-model.js';
import { type ServedVersion, servedVersionOf } from '../models/served-version.js';
import { StatisticsTrace } from '../models/statistics-trace.js';
import { bindInputs } from './bind-inputs.js';
import type { CheckedRequest, InferResponse } from './checked-request.js';
import { chooseOutputs } from './choose-outputs.js';
import { chooseSignature } from './choose-signature.js';
import type { InferRequest } from './infer-message.js';
import { readRequestParameters } from './parameters.js';

/** What the requests of a server share. */
export interface InferContext {
  readonly catalog: ModelCatalog;
  readonly service: PredictionService;
  readonly clock: Clock;
}

/** Who a request is from. */
export interface InferOrigin extends CallLimits {
  readonly headers: NonNullable<RequestTraceOptions['headers']>;
}

/** Holds a version from its construction on. {@link InferRequestCall.finish} or {@link InferRequestCall.fail} ends it. */
export class InferRequestCall implements Caller {
  readonly trace: StatisticsTrace;
  // No `#` fields, which take as long to define as the rest of the object.
  private readonly context: InferContext;
  private readonly origin: InferOrigin;
  private readonly spec: RequestedModel;
  private begun: InferenceCall | undefined = undefined;
  private kept: ServedVersion | undefined = undefined;
  /** Of the request's own parameter. */
  private end: number | undefined = undefined;

  constructor(context: InferContext, spec: RequestedModel, origin: InferOrigin) {
    this.context = context;
    this.origin = origin;
    this.spec = spec;
    const { catalog, clock } = context;
    this.trace = new StatisticsTrace({
      server: catalog.server,
      entrypoint: 'OPEN_INFERENCE',
      api: 'Predict',
      model: spec.model,
      headers: origin.headers,
      clock,
    });
    this.trace.enter('decode');
  }

  get isAborted(): boolean {
    return this.origin.isAborted;
  }

  get signal(): AbortSignal | undefined {
    return this.origin.signal;
  }

  get deadline(): number | undefined {
    const { deadline } = this.origin;
    if (this.end === undefined || deadline === undefined) return this.end ?? deadline;
    return Math.min(this.end, deadline);
  }

  /** The call that {@link InferRequestCall.begin} began. */
  get call(): InferenceCall {
    return this.begun!;
  }

  /** What is kept of the version that {@link InferRequestCall.begin} found. */
  get served(): ServedVersion {
    return this.kept!;
  }

  /** Holds the version. @throws ServingError `NOT_FOUND` or `UNAVAILABLE` */
  begin(): void {
    const { service, catalog } = this.context;
    try {
      this.begun = InferenceCall.begin(service, this.spec, this);
    } catch (reason) {
      throw catalog.refusal(this.spec, reason);
    }
    this.kept = servedVersionOf(this.begun.handle.servable);
    this.trace.statistics = this.kept.statistics;
  }

  /**
   * Checks a request against the model.
   *
   * @param signatureName of the query, behind the request's own parameter
   * @throws ServingError what is wrong with the request
   */
  check(request: InferRequest, signatureName?: string): CheckedRequest {
    const { handle } = this.call;
    const { name: model } = handle.id;
    const parameters = readRequestParameters(request.parameters);
    const signature = chooseSignature(model, handle.servable.signatures, parameters.signatureName ?? signatureName);
    this.trace.signature = signature.name;
    const inputs = bindInputs(model, signature, request.inputs);
    const outputs = chooseOutputs(signature, request.outputs);
    const filter = request.outputs.length === 0 ? undefined : outputs.map(({ name }) => name);
    const rows = request.inputs[0]?.tensor.shape[0] ?? 1;
    return { id: request.id, choice: { signature, parameters, outputs, filter }, inputs, rows };
  }

  /** Runs the model. The outputs come at once from those that take microseconds. @throws ServingError what the run failed with */
  predict({ choice, inputs, rows }: CheckedRequest): NamedTensors | Promise<NamedTensors> {
    const { call, trace } = this;
    trace.rows = rows;
    trace.signature = choice.signature.name;
    if (choice.parameters.timeoutMs !== undefined) this.limit(choice.parameters.timeoutMs);
    return call.predict(choice.signature, inputs, choice.filter);
  }

  /** The answer of a run. @throws ServingError `INTERNAL` for an output that is not there. */
  answer(request: CheckedRequest, tensors: NamedTensors): InferResponse {
    this.trace.enter('encode');
    for (const { name } of request.choice.outputs) {
      if (tensors[name] === undefined) throw new ServingError('INTERNAL', `The run returned no output "${name}"`);
    }
    const { name: model, version } = this.call.handle.id;
    return { model, version, request, tensors };
  }

  /** The request is answered. */
  finish(): void {
    this.trace.finish('OK');
    this.begun?.release();
  }

  /** The request failed. */
  fail(reason: unknown): ServingError {
    const error = ServingError.from(reason, 'INTERNAL');
    this.trace.finish(error.code, error);
    this.begun?.release();
    return error;
  }

  private limit(timeoutMs: number): void {
    // From its arrival on; a run that is over when it returns is not watched.
    this.end = this.trace.startTime + timeoutMs;
    if (this.context.clock.now() < this.end) return;
    throw new ServingError('DEADLINE_EXCEEDED', `The request took longer than its "timeout" of ${timeoutMs * 1000} µs`);
  }
}
