/** One request on a version that it holds: what every API decodes for, runs and encodes. */
import type { RequestTrace } from '../diagnostics/request-trace.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { LoggedRequest } from '../request-logging/prediction-log.js';
import { type GraphServable, isGraphServable } from '../servable/graph-servable.js';
import type {
  InferenceServable,
  LimitCause,
  LimitedWait,
  RunLimits,
  RunOptions,
} from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId } from '../servable/servable-id.js';
import { DEFAULT_SIGNATURE_NAME, type Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';
import { abortCause, type CallLimits, callErrors, LimitWatch } from './call-limits.js';
import type { HandleSource, PredictionService } from './prediction-service.js';
import { type LookupErrors, missingSignature } from './signature-lookup.js';
import { type DeclaredShape, namingWrongShape, wrongShapeError } from './wrong-shape.js';

/** Who a request is from: how long it waits, and who measures it. */
export interface Caller extends CallLimits {
  readonly trace?: RequestTrace | undefined;
}

/** A held version and its caller's limits. Servables take it as the options of its runs. */
class ServableCall<Servable> implements RunOptions, Disposable {
  readonly handle: ServableHandle<Servable>;
  readonly trace: RequestTrace | undefined;
  protected readonly service: PredictionService;
  protected readonly caller: Caller | undefined;
  // No `#` fields, which take as long to define as the rest of the object.
  private watched: LimitWatch | undefined = undefined;
  private runs = 0;
  private isReleased = false;

  /** Takes the handle over. */
  protected constructor(service: PredictionService, handle: ServableHandle<Servable>, caller: Caller | undefined) {
    this.service = service;
    this.handle = handle;
    this.caller = caller;
    this.trace = caller?.trace;
    if (this.trace !== undefined) this.trace.found(handle.id);
  }

  get signal(): AbortSignal | undefined {
    return this.caller?.signal;
  }

  get deadline(): number | undefined {
    return this.caller?.deadline;
  }

  get limits(): RunLimits | undefined {
    return this.#watch();
  }

  /** The version is held on until its runs are over, those too that the caller has given up. May be called again. */
  release(): void {
    this.isReleased = true;
    if (this.runs === 0) this.handle.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** @throws ServingError when the caller has given up already */
  protected checkCaller(subject: string): void {
    const { caller } = this;
    if (caller?.isAborted) throw this.#error(caller.signal ? abortCause(caller.signal) : { kind: 'aborted' }, subject);
  }

  /**
   * Settles as the run does, or rejects as soon as the caller's limits end the wait, whether the servable heeds them or
   * not.
   */
  protected wait<Result>(running: Promise<Result>, subject: string): Promise<Result> {
    const limits = this.#watch();
    if (limits === undefined) return running.catch(rethrow);
    this.runs++;
    return new Promise((resolve, reject) => {
      const wait: LimitedWait = { onLimit: (cause) => reject(this.#error(cause, subject)) };
      limits.add(wait);
      running.then(
        (result) => {
          limits.remove(wait);
          this.#leave();
          resolve(result);
        },
        (reason: unknown) => {
          limits.remove(wait);
          this.#leave();
          reject(this.#reworded(reason, limits));
        },
      );
    });
  }

  #watch(): LimitWatch | undefined {
    if (this.watched !== undefined) return this.watched;
    const { caller } = this;
    if (caller === undefined) return undefined;
    const { signal, deadline = Number.POSITIVE_INFINITY } = caller;
    if (signal === undefined && deadline === Number.POSITIVE_INFINITY) return undefined;
    this.watched = new LimitWatch(signal, deadline, this.service.deadlines);
    return this.watched;
  }

  #leave(): void {
    this.runs--;
    if (this.isReleased && this.runs === 0) this.handle.release();
  }

  #error({ kind, reason }: LimitCause, subject: string): ServingError {
    const [code, what] = callErrors[kind];
    const own = kind === 'expired' ? this.caller?.timeoutMessage : undefined;
    const { id } = this.handle;
    return new ServingError(code, own ?? `The run of ${formatServableId(id)}${subject}, ${what}`, { cause: reason });
  }

  /** A time-out by the servable itself, in the API's words. */
  #reworded(reason: unknown, limits: LimitWatch): ServingError {
    const error = ServingError.from(reason);
    const message = this.caller?.timeoutMessage;
    if (message === undefined || error.code !== 'DEADLINE_EXCEEDED' || !limits.isExpired) return error;
    return new ServingError('DEADLINE_EXCEEDED', message, { cause: error });
  }
}

/** A request for signatures. Who has begun it releases it. */
export class InferenceCall extends ServableCall<InferenceServable> {
  /**
   * Holds the version that a request means until the call is released.
   *
   * @param caller without one the request has no limits, and is not traced
   * @throws ServingError as `ModelServer.getServableHandle`
   */
  static begin(service: PredictionService, spec: ModelSpec, caller?: Caller): InferenceCall {
    return new InferenceCall(service, service.versions.getServableHandle(spec), caller);
  }

  /** Whether requests of any model are logged. */
  get isLogging(): boolean {
    return this.service.requestLogger.sampler !== undefined;
  }

  /**
   * Finds a signature; `serving_default` for `undefined` and `''`.
   *
   * @param errors in whose words it is missing
   * @throws ServingError of that kind
   */
  signature(name: string | undefined, errors: LookupErrors): Signature {
    const wanted = name || DEFAULT_SIGNATURE_NAME;
    const { signatures } = this.handle.servable;
    const signature = signatures.get(wanted);
    if (signature === undefined) throw missingSignature(wanted, errors, signatures.keys());
    if (this.trace !== undefined && errors !== 'multi-inference') this.trace.signature = wanted;
    return signature;
  }

  /**
   * Runs a signature: the one way by which requests of every API run. Inputs are complete and of the signature's data
   * types; their shapes are compared with the signature's, unless `enforceSignatureShapes` is false. Outputs without a
   * promise come from servables that take microseconds.
   *
   * @param outputs to fetch, by alias; all when absent or empty
   * @throws ServingError what goes wrong, thrown or rejected
   */
  run(signature: Signature, inputs: NamedTensors, outputs?: readonly string[]): NamedTensors | Promise<NamedTensors> {
    const { handle, trace } = this;
    if (trace !== undefined) trace.enter('run');
    try {
      if (this.service.enforcesShapes) {
        const wrong = firstWrongInput(signature, inputs);
        if (wrong !== undefined) throw wrongShapeError(handle.id.name, signature, inputs, wrong);
      }
      if (this.caller?.isAborted) this.checkCaller(`, signature "${signature.name}"`);
      const options = outputs === undefined || outputs.length === 0 ? this : new FilteredRun(this, outputs);
      const running = handle.servable.run(signature, inputs, options);
      if (trace !== undefined && !trace.wasQueued) trace.ranInline = !(running instanceof Promise);
      if (!(running instanceof Promise)) return running;
      const waited = this.wait(running, `, signature "${signature.name}"`);
      return this.service.enforcesShapes
        ? waited
        : waited.catch((reason: unknown) => {
            throw explained(reason, signature, inputs);
          });
    } catch (reason) {
      throw explained(reason, signature, inputs);
    }
  }

  /**
   * {@link run} for a Predict request, with its log.
   *
   * @throws ServingError what goes wrong, thrown or rejected
   */
  predict(
    signature: Signature,
    inputs: NamedTensors,
    outputFilter?: readonly string[],
  ): NamedTensors | Promise<NamedTensors> {
    const running = this.run(signature, inputs, outputFilter);
    if (!this.isLogging) return running;
    const logged = (outputs: NamedTensors): NamedTensors => {
      const request = { inputs, outputFilter: outputFilter ?? [] };
      this.log({ api: 'Predict', request, response: { outputs } }, signature.name);
      return outputs;
    };
    return running instanceof Promise ? running.then(logged) : logged(running);
  }

  /** Logs a request that was answered, if it is one of those to be logged. */
  log(logged: LoggedRequest, signatureName?: string): void {
    this.service.requestLogger.sampler?.sample(this.handle.id.name)?.log(this.handle, logged, signatureName);
  }

  /** An error with model, version and signature in front of its message. */
  located(reason: unknown, signatureName: string): ServingError {
    const { name, version } = this.handle.id;
    return ServingError.from(reason).prefixed(`Model ${name} version ${version}, signature "${signatureName}": `);
  }
}

/** A request for any tensors of a graph. */
export class SessionRunCall extends ServableCall<GraphServable> {
  /** {@link InferenceCall.begin} for a servable whose graph can be run. */
  static begin(service: PredictionService, spec: ModelSpec, caller?: Caller): SessionRunCall {
    const versions = service.versions as GraphHandleSource;
    return new SessionRunCall(service, versions.getServableHandle(spec, isGraphServable), caller);
  }

  /** See {@link GraphServable.runGraph}. @throws ServingError */
  run(feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Promise<Tensor[]> {
    this.checkCaller('');
    return this.wait(this.handle.servable.runGraph(feeds, fetches, this), '');
  }
}

/** Where servables of other kinds are had too. */
interface GraphHandleSource extends HandleSource {
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
}

/** A call's run that fetches a choice of outputs. */
class FilteredRun implements RunOptions {
  readonly outputs: readonly string[];
  readonly #call: InferenceCall;

  constructor(call: InferenceCall, outputs: readonly string[]) {
    this.#call = call;
    this.outputs = outputs;
  }

  get signal(): AbortSignal | undefined {
    return this.#call.signal;
  }

  get deadline(): number | undefined {
    return this.#call.deadline;
  }

  get limits(): RunLimits | undefined {
    return this.#call.limits;
  }

  get trace(): RequestTrace | undefined {
    return this.#call.trace;
  }
}

function rethrow(reason: unknown): never {
  throw ServingError.from(reason);
}

/** The first input whose rank or known dimensions are not as declared. A signature's own defaults pass as they are. */
function firstWrongInput(signature: Signature, inputs: NamedTensors): DeclaredShape | undefined {
  const declared = declaredShapes.get(signature) ?? readDeclaredShapes(signature);
  for (let i = 0; i < declared.length; i++) {
    const { name, shape } = declared[i]!;
    const input = inputs[name];
    if (input === undefined) continue;
    const actual = input.shape;
    let isAsDeclared = actual.length === shape.length;
    for (let k = 0; isAsDeclared && k < shape.length; k++) isAsDeclared = shape[k]! < 0 || shape[k] === actual[k];
    if (!isAsDeclared && input !== signature.defaults.get(name)) return declared[i];
  }
  return undefined;
}

const declaredShapes = new WeakMap<Signature, readonly DeclaredShape[]>();

function readDeclaredShapes(signature: Signature): readonly DeclaredShape[] {
  const declared: DeclaredShape[] = [];
  for (const [name, { shape }] of signature.inputs) if (shape !== undefined) declared.push({ name, shape });
  declaredShapes.set(signature, declared);
  return declared;
}

/** The error of a run, with what is wrong with the shapes where an engine refuses them. */
function explained(reason: unknown, signature: Signature, inputs: NamedTensors): ServingError {
  const error = ServingError.from(reason);
  if (error.code !== 'INVALID_ARGUMENT' || error.clientHint !== undefined) return error;
  const wrong = firstWrongInput(signature, inputs);
  return wrong === undefined ? error : namingWrongShape(error, inputs, wrong);
}
