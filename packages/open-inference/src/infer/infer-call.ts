/** One inference request on the version that it holds: what HTTP and gRPC decode for, run and encode. */
import { ServingError } from '@serving/core';
import type { RequestTraceOptions } from '@serving/core/diagnostics';
import type { Clock } from '@serving/core/extend';
import { type Caller, type CallLimits, InferenceCall, type PredictionService } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import type { ModelCatalog } from '../models/model-catalog.js';
import type { RequestedModel } from '../models/requested-model.js';
import { StatisticsTrace } from '../models/statistics-trace.js';
import { statisticsOf } from '../models/version-statistics.js';
import { bindInputs } from './bind-inputs.js';
import { chooseOutputs } from './choose-outputs.js';
import { chooseSignature } from './choose-signature.js';
import { datatypeOf } from './datatype.js';
import type { InferRequest, InferResponse } from './infer-message.js';
import { type RequestParameters, readOutputParameters, readRequestParameters } from './parameters.js';

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

/** An answer, and how its outputs were asked for. */
export interface Inferred {
  readonly response: InferResponse;
  /** See {@link RequestParameters}. */
  readonly binaryOutput: boolean | undefined;
}

/** Holds a version from its construction on. {@link InferRequestCall.finish} or {@link InferRequestCall.fail} ends it. */
export class InferRequestCall implements Caller {
  readonly trace: StatisticsTrace;
  readonly #context: InferContext;
  readonly #origin: InferOrigin;
  readonly #spec: RequestedModel;
  #call: InferenceCall | undefined;
  /** Of the request's own parameter. */
  #deadline: number | undefined;

  constructor(context: InferContext, spec: RequestedModel, origin: InferOrigin) {
    this.#context = context;
    this.#origin = origin;
    this.#spec = spec;
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
    return this.#origin.isAborted;
  }

  get signal(): AbortSignal | undefined {
    return this.#origin.signal;
  }

  get deadline(): number | undefined {
    const { deadline } = this.#origin;
    if (this.#deadline === undefined || deadline === undefined) return this.#deadline ?? deadline;
    return Math.min(this.#deadline, deadline);
  }

  /** The call that {@link InferRequestCall.begin} began. */
  get call(): InferenceCall {
    return this.#call!;
  }

  /** Holds the version. @throws ServingError `NOT_FOUND` or `UNAVAILABLE` */
  begin(): InferenceCall {
    const { service, catalog } = this.#context;
    try {
      this.#call = InferenceCall.begin(service, this.#spec, this);
    } catch (reason) {
      throw catalog.refusal(this.#spec, reason);
    }
    this.trace.statistics = statisticsOf(this.#call.handle.servable);
    return this.#call;
  }

  /**
   * Checks a request against the model, and runs it.
   *
   * @param signatureName of the query, behind the request's own parameter
   * @throws ServingError what is wrong with the request, or what the run failed with
   */
  async run(request: InferRequest, signatureName?: string): Promise<Inferred> {
    const { call, trace } = this;
    const { name: model, version } = call.handle.id;
    const parameters = readRequestParameters(request.parameters);
    const chosen = chooseSignature(model, call.handle.servable.signatures, parameters.signatureName ?? signatureName);
    const signature = call.signature(chosen.name, 'predict');
    const inputs = bindInputs(model, signature, request.inputs);
    const outputs = chooseOutputs(signature, request.outputs);
    // Wrong parameters of an output fail the request before the run.
    for (const output of outputs) readOutputParameters(output.name, output.parameters);
    trace.rows = request.inputs[0]?.tensor.shape[0] ?? 1;
    this.#limit(parameters);
    const filter = request.outputs.length === 0 ? undefined : outputs.map(({ name }) => name);
    const running = call.predict(signature, inputs, filter);
    const tensors: NamedTensors = running instanceof Promise ? await running : running;
    trace.enter('encode');
    return {
      response: {
        model,
        version,
        id: request.id,
        outputs: outputs.map(({ name, parameters }) => {
          const tensor = tensors[name];
          if (tensor === undefined) throw new ServingError('INTERNAL', `The run returned no output "${name}"`);
          return { name, parameters, tensor, datatype: datatypeOf(signature.outputs.get(name)!.dtype)! };
        }),
      },
      binaryOutput: parameters.binaryOutput,
    };
  }

  /** The request is answered. */
  finish(): void {
    this.trace.finish('OK');
    this.#call?.release();
  }

  /** The request failed. */
  fail(reason: unknown): ServingError {
    const error = ServingError.from(reason, 'INTERNAL');
    this.trace.finish(error.code, error);
    this.#call?.release();
    return error;
  }

  #limit({ timeoutMs }: RequestParameters): void {
    if (timeoutMs === undefined) return;
    // From its arrival on; a run that is over when it returns is not watched.
    this.#deadline = this.trace.startTime + timeoutMs;
    if (this.#context.clock.now() < this.#deadline) return;
    throw new ServingError('DEADLINE_EXCEEDED', `The request took longer than its "timeout" of ${timeoutMs * 1000} µs`);
  }
}
