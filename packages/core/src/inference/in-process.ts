/** The APIs in process: plain objects in, plain objects out. */
import type { Clock } from '../clock.js';
import { type RequestApi, RequestTrace, requestsAreObserved } from '../diagnostics/request-trace.js';
import type { ClassificationRequest, ClassificationResponse } from '../messages/classification.js';
import type { ExampleInput } from '../messages/example.js';
import type { ExampleRequest } from '../messages/example-request.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { PredictRequest, PredictResponse } from '../messages/predict.js';
import type { RegressionRequest, RegressionResponse } from '../messages/regression.js';
import { nearestName } from '../nearest-name.js';
import { DEFAULT_SIGNATURE_NAME, type Signature } from '../servable/signature.js';
import { mustBe } from '../server/config/issue-text.js';
import { type OptionNames, unknownName } from '../server/config/option-names.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import { toTensor } from '../tensor/to-tensor.js';
import { classify, toClassifications } from './classify.js';
import { toExampleInput } from './example-input.js';
import { type Caller, InferenceCall } from './inference-call.js';
import type { PredictionService } from './prediction-service.js';
import { regress } from './regress.js';
import { checkOutputFilter, toInputs } from './to-inputs.js';

/** See `ModelServer`, whose methods these are. */
export class InProcessApi {
  readonly #server: object;
  readonly #service: PredictionService;
  readonly #clock: Pick<Clock, 'now'>;

  /** @param server the model server, for who measures */
  constructor(server: object, service: PredictionService, clock: Pick<Clock, 'now'>) {
    this.#server = server;
    this.#service = service;
    this.#clock = clock;
  }

  /** @throws ServingError see `ModelServer.predict` */
  predict(request: PredictRequest, more?: unknown): Promise<PredictResponse> {
    if (isObject(more)) return Promise.reject(secondArgument('Predict', more, predictKeys));
    if (!requestsAreObserved()) return this.#predict(request);
    return this.#observed('Predict', request, (trace) => this.#predict(request, trace));
  }

  /** @throws ServingError see `ModelServer.classify` */
  async classify(request: ClassificationRequest, more?: unknown): Promise<ClassificationResponse> {
    if (isObject(more)) throw secondArgument('Classify', more, exampleKeys);
    const { result, ...ran } = await this.#runExamples('Classify', request, classify);
    return { ...ran, classifications: toClassifications(result) };
  }

  /** @throws ServingError see `ModelServer.regress` */
  async regress(request: RegressionRequest, more?: unknown): Promise<RegressionResponse> {
    if (isObject(more)) throw secondArgument('Regress', more, exampleKeys);
    const { result, ...ran } = await this.#runExamples('Regress', request, regress);
    return { ...ran, values: result.values };
  }

  async #predict(request: PredictRequest, trace?: RequestTrace): Promise<PredictResponse> {
    if (trace !== undefined) trace.enter('decode');
    checkPredictKeys(request);
    const call = InferenceCall.begin(this.#service, request, this.#caller(request, trace));
    try {
      const signature = call.signature(request.signatureName, 'predict');
      const running = call.predict(signature, toTensors(call, signature, request), request.outputFilter);
      const outputs = running instanceof Promise ? await running : running;
      const { name, version } = call.handle.id;
      return { model: name, version, signatureName: signature.name, outputs };
    } finally {
      call.release();
    }
  }

  #runExamples<Result>(
    api: 'Classify' | 'Regress',
    request: ExampleRequest,
    run: ExampleApi<Result>,
  ): Promise<ExampleResponse<Result>> {
    if (!requestsAreObserved()) return this.#examples(request, run);
    return this.#observed(api, request, (trace) => this.#examples(request, run, trace));
  }

  /** Model, version and signature are put in front of `INVALID_ARGUMENT`. */
  async #examples<Result>(
    request: ExampleRequest,
    run: ExampleApi<Result>,
    trace?: RequestTrace,
  ): Promise<ExampleResponse<Result>> {
    if (trace !== undefined) trace.enter('decode');
    checkExampleKeys(request);
    const call = InferenceCall.begin(this.#service, request, this.#caller(request, trace));
    const signatureName = request.signatureName || DEFAULT_SIGNATURE_NAME;
    try {
      const result = await run(call, signatureName, toExampleInput(request));
      const { name, version } = call.handle.id;
      return { model: name, version, signatureName, result };
    } catch (reason) {
      const error = ServingError.from(reason);
      throw error.code === 'INVALID_ARGUMENT' ? call.located(error, signatureName) : error;
    } finally {
      call.release();
    }
  }

  #caller({ signal, timeoutMs }: Limited, trace: RequestTrace | undefined): Caller | undefined {
    if (signal === undefined && timeoutMs === undefined && trace === undefined) return undefined;
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      throw new ServingError('INVALID_ARGUMENT', `timeoutMs: must be a non-negative number (got ${timeoutMs})`);
    }
    const deadline = timeoutMs === undefined ? undefined : this.#clock.now() + timeoutMs;
    return { isAborted: signal?.aborted ?? false, signal, deadline, trace };
  }

  async #observed<T>(
    api: RequestApi,
    request: ModelSpec | undefined,
    handle: (trace: RequestTrace) => Promise<T>,
  ): Promise<T> {
    const trace = new RequestTrace({
      server: this.#server,
      entrypoint: 'IN_PROCESS',
      api,
      model: request?.model ?? '',
      clock: this.#clock,
    });
    try {
      const response = await handle(trace);
      trace.finish('OK');
      return response;
    } catch (reason) {
      const error = ServingError.from(reason);
      trace.finish(error.code, error);
      throw error;
    }
  }
}

/** The part of a request that limits its run. */
interface Limited {
  readonly signal?: AbortSignal;
  /** Milliseconds from now. */
  readonly timeoutMs?: number;
}

type ExampleApi<Result> = (call: InferenceCall, signatureName: string, input: ExampleInput) => Promise<Result>;

interface ExampleResponse<Result> extends Omit<RegressionResponse, 'values'> {
  readonly result: Result;
}

/** @throws ServingError with model, version and signature in front */
function toTensors(call: InferenceCall, signature: Signature, request: PredictRequest): NamedTensors {
  try {
    const inputs = toInputs(request.inputs, signature, toTensor);
    if (request.outputFilter) checkOutputFilter(request.outputFilter, signature);
    return inputs;
  } catch (reason) {
    throw call.located(reason, signature.name);
  }
}

/** What a request may have: other keys, such as `signature` for `signatureName`, are refused. */
const commonKeys = {
  model: true,
  version: true,
  label: true,
  signatureName: true,
  signal: true,
  timeoutMs: true,
} as const;
const predictNames: OptionNames<PredictRequest> = { ...commonKeys, inputs: true, outputFilter: true };
const exampleNames: OptionNames<ExampleRequest> = { ...commonKeys, examples: true, context: true };
const predictKeys: ReadonlySet<string> = new Set(Object.keys(predictNames));
const exampleKeys: ReadonlySet<string> = new Set(Object.keys(exampleNames));

/** @throws ServingError `INVALID_ARGUMENT` `Predict: unknown key "signature": did you mean "signatureName"?` */
export function checkPredictKeys(request: PredictRequest): void {
  if (typeof request !== 'object' || request === null) throw notARequest('Predict', 'inputs', request);
  for (const key in request) if (!predictKeys.has(key)) throw unknownKey('Predict', key, predictKeys);
}

/** @throws ServingError `INVALID_ARGUMENT` as {@link checkPredictKeys}. */
export function checkExampleKeys(request: ExampleRequest): void {
  if (typeof request !== 'object' || request === null) throw notARequest('Classify and Regress', 'examples', request);
  for (const key in request) if (!exampleKeys.has(key)) throw unknownKey('Classify and Regress', key, exampleKeys);
}

/** What `map` passes beside an element is not taken for options. */
function isObject(more: unknown): more is object {
  return typeof more === 'object' && more !== null && !Array.isArray(more);
}

function secondArgument(api: string, more: object, known: ReadonlySet<string>): ServingError {
  const fixes = Object.keys(more).map((name) => `"${nearestName(name, [...known]) ?? name}"`);
  const names = fixes.length === 0 ? 'options' : fixes.join(', ');
  return ServingError.invalidArgument(`${api} takes one argument, got a second: put ${names} into the request`);
}

function notARequest(api: string, field: string, got: unknown): ServingError {
  return ServingError.invalidArgument(
    `${api}: request ${mustBe(`an object such as { model: 'digits', ${field} }`, got)}`,
  );
}

function unknownKey(api: string, key: string, known: ReadonlySet<string>): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${api}: ${unknownName('key', key, [...known])}`);
}
