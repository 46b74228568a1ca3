/** A loaded SavedModel as a servable. */
import { ServingError } from '@serving/core';
import type {
  ExampleSupport,
  GraphServable,
  InferenceServable,
  RunOptions,
  SharedServable,
  Signature,
  SignatureDef,
  SignatureDefMap,
  SlotsView,
  TensorInfo,
} from '@serving/core/extend';
import { builtModuleUrl } from '@serving/core/internal';
import {
  dataTypeEnumName,
  dataTypeFromNumber,
  isTensorDataType,
  type NamedTensors,
  type Tensor,
} from '@serving/core/tensor';
import type { PreparedRun, Session } from '@serving/engine';
import { encodeExamples } from '@serving/protos/messages';
import { formatSignatureDef, type GraphOutline } from '@serving/protos/saved-model';
import { EmptyRequests, type EmptyRequestsRule, withOneRow, withoutRows } from './empty-requests.js';
import { GraphGuard } from './graph/graph-guard.js';
import type { TensorDemands } from './graph/tensor-demands.js';
import { type SavedModelFacts, type SharedSavedModel, savedModelFacts } from './saved-model-facts.js';
import { checkPredictMethodName } from './signature-checks.js';
import { toSignatures } from './signatures.js';

/** The signatures that a SavedModel serves. */
export interface SavedModelServableOptions {
  /**
   * Refuse signatures whose method name is none of predict, classify and regress, and to Classify and Regress those whose
   * method name isn't theirs. Default false, as in TensorFlow Serving.
   */
  readonly enableSignatureMethodNameCheck?: boolean;
  /** The tags of its meta graph. Default `serve`. */
  readonly tags?: readonly string[];
  /**
   * Which requests without rows are run with one row of zeros, which is cut off again: every one where that can be done, or
   * those that TensorFlow itself answers in a wrong shape (`where-needed`). Default `always`.
   */
  readonly padEmptyRequests?: EmptyRequestsRule;
}

/** The tags that TensorFlow Serving loads by default. */
export const DEFAULT_TAGS: readonly string[] = ['serve'];

/** Facts about the model that the servable gets beside its options. */
export interface SavedModelTraits {
  /**
   * The graph of the signatures. With it inputs are refused with which an operation would end the process, and requests without
   * rows are padded. It is not kept.
   */
  readonly graph?: GraphOutline;
  /** In its place: what another thread's servable has found out ({@link SavedModelServable.share}). */
  readonly facts?: object;
  /** Its name, for errors. */
  readonly model?: string;
  /** The engine that runs it. Default: the session's. */
  readonly engine?: string | undefined;
}

/** Choices of outputs that are kept ready per signature; clients choose them, so their number must have a bound. */
const MAX_RUNNERS_PER_SIGNATURE = 64;

/** A signature, and the requirements on its requests, determined once. */
interface ReadySignature {
  readonly aliases: readonly string[];
  readonly isGuarded: boolean;
  readonly isPadded: boolean;
  /** Of all outputs; made for the first run. */
  runner: SignatureRunner | undefined;
}

/** A choice of feeds and fetches, and the requirements on the feeds. */
interface GraphRun {
  readonly prepared: PreparedRun;
  readonly demands: TensorDemands | undefined;
}

/** Choices of feeds and fetches that are kept ready. */
const MAX_GRAPH_RUNS = 64;

/**
 * Runs the signatures of a SavedModel in a session that it owns. A signature is looked up in the graph at its first
 * run; one that can't be run (sparse or composite inputs, types without a tensor form) fails then, and hinders no other.
 * Without a choice of outputs all are fetched. The runtime's errors pass through unchanged.
 */
export class SavedModelServable implements InferenceServable, GraphServable {
  readonly signatures: ReadonlyMap<string, Signature>;
  readonly signatureDefs: SignatureDefMap;
  /** Takes serialized tf.Examples. Prints signatures in protobuf's text format, after the line with which TensorFlow Serving marks it. */
  readonly examples: ExampleSupport;
  /** Runtimes take values over into memory of their own. */
  readonly copiesInputs: boolean = true;
  readonly slots: SlotsView | undefined;
  readonly engine?: string;
  readonly libraryVersion?: string;
  readonly savedModelTags: readonly string[];
  readonly #session: Session;
  readonly #checkMethodName: boolean;
  readonly #guard: GraphGuard | undefined;
  readonly #emptyRequests: EmptyRequests | undefined;
  readonly #model: string | undefined;
  readonly #facts: SavedModelFacts | undefined;
  readonly #ready = new Map<string, ReadySignature>();
  readonly #graphRuns = new Map<string, GraphRun>();
  readonly #filteredRunners = new Map<string, Map<string, SignatureRunner>>();

  constructor(
    session: Session,
    signatureDefs: SignatureDefMap,
    options: SavedModelServableOptions & SavedModelTraits = {},
  ) {
    this.#session = session;
    const engine = options.engine ?? session.engine;
    if (engine !== undefined) this.engine = engine;
    if (session.libraryVersion !== undefined) this.libraryVersion = session.libraryVersion;
    this.slots = session.slots;
    this.signatureDefs = signatureDefs;
    this.savedModelTags = options.tags ?? DEFAULT_TAGS;
    this.#checkMethodName = options.enableSignatureMethodNameCheck ?? false;
    const { graph, model, padEmptyRequests = 'always' } = options;
    const known = options.facts as SavedModelFacts | undefined;
    const facts = known ?? (graph && savedModelFacts(graph, signatureDefs, padEmptyRequests));
    this.signatures = toSignatures(signatureDefs, facts?.stateful, session.unbatchedSignatures);
    if (facts) {
      this.#guard = new GraphGuard(facts.guard, model);
      this.#emptyRequests = new EmptyRequests(facts.padded);
    }
    this.#model = model;
    this.#facts = facts;
    this.examples = {
      encode: encodeExamples,
      format: ({ name }) => `goo.gle/debugonly\n${formatSignatureDef(signatureDefs.get(name)!)}`,
      checkMethodName: this.#checkMethodName,
    };
  }

  run(signature: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors> {
    const ready = this.#ready.get(signature.name) ?? this.#prepare(signature.name);
    if (ready.isPadded && hasNoRows(ready.aliases, inputs) && this.#emptyRequests!.isPadded(signature, inputs)) {
      return this.#runPadded(ready, signature, inputs, options);
    }
    return this.#runAsItIs(ready, signature, inputs, options);
  }

  async runGraph(
    feeds: ReadonlyMap<string, Tensor>,
    fetches: readonly string[],
    options?: Pick<RunOptions, 'signal' | 'deadline' | 'limits'>,
  ): Promise<Tensor[]> {
    const names = [...feeds.keys()];
    const key = JSON.stringify([names, fetches]);
    const run = this.#graphRuns.get(key) ?? {
      prepared: this.#session.prepare(names, fetches),
      demands: this.#guard?.demandsOfRun(fetches),
    };
    if (this.#graphRuns.size < MAX_GRAPH_RUNS) this.#graphRuns.set(key, run);
    if (run.demands) this.#guard?.checkFeeds(run.demands, feeds);
    return run.prepared.run([...feeds.values()], options);
  }

  /** Describes it for other threads; `undefined` where the engine's sessions are the thread's that loaded them. */
  share(): SharedServable | undefined {
    const session = this.#session.share?.();
    if (session === undefined) return undefined;
    const data: SharedSavedModel = {
      session,
      signatureDefs: this.signatureDefs,
      facts: this.#facts,
      options: { enableSignatureMethodNameCheck: this.#checkMethodName, tags: this.savedModelTags },
      model: this.#model,
      engine: this.engine,
    };
    return { module: builtModuleUrl('./shared-saved-model.js', import.meta.url), data, transfer: session.transfer };
  }

  /** The same model in another session, which this servable's owner closes. */
  inSession(session: Session): SavedModelServable {
    return new SavedModelServable(session, this.signatureDefs, {
      enableSignatureMethodNameCheck: this.#checkMethodName,
      tags: this.savedModelTags,
      engine: this.engine,
      ...(this.#facts && { facts: this.#facts }),
      ...(this.#model !== undefined && { model: this.#model }),
    });
  }

  /** Waits for runs in flight, then frees the model. */
  close(): Promise<void> {
    return this.#session.close();
  }

  #runAsItIs(
    ready: ReadySignature,
    signature: Signature,
    inputs: NamedTensors,
    options: RunOptions | undefined,
  ): NamedTensors | Promise<NamedTensors> {
    if (ready.isGuarded) this.#guard!.checkInputs(signature, inputs);
    const outputs = options?.outputs;
    if (outputs?.length) return this.#filteredRunner(signature.name, outputs).run(inputs, options);
    ready.runner ??= this.#createRunner(signature.name, undefined);
    return ready.runner.run(inputs, options);
  }

  /** As it came where the padded run fails, but for what the caller has put an end to. */
  async #runPadded(
    ready: ReadySignature,
    signature: Signature,
    inputs: NamedTensors,
    options: RunOptions | undefined,
  ): Promise<NamedTensors> {
    try {
      const outputs = withoutRows(await this.#runAsItIs(ready, signature, withOneRow(inputs), options));
      if (outputs) return outputs;
    } catch (error) {
      const { code } = ServingError.from(error);
      if (code === 'CANCELLED' || code === 'DEADLINE_EXCEEDED') throw error;
    }
    return this.#runAsItIs(ready, signature, inputs, options);
  }

  #prepare(name: string): ReadySignature {
    const ready: ReadySignature = {
      aliases: [...(this.signatures.get(name)?.inputs.keys() ?? [])],
      isGuarded: this.#guard?.guards(name) ?? false,
      isPadded: this.#emptyRequests?.pads(name) ?? false,
      runner: undefined,
    };
    this.#ready.set(name, ready);
    return ready;
  }

  #filteredRunner(name: string, outputs: readonly string[]): SignatureRunner {
    const key = JSON.stringify(outputs);
    const known = this.#filteredRunners.get(name) ?? new Map<string, SignatureRunner>();
    const existing = known.get(key);
    if (existing) return existing;
    const runner = this.#createRunner(name, outputs);
    if (known.size < MAX_RUNNERS_PER_SIGNATURE) known.set(key, runner);
    this.#filteredRunners.set(name, known);
    return runner;
  }

  #createRunner(name: string, outputs: readonly string[] | undefined): SignatureRunner {
    const signature = this.signatures.get(name);
    const def = this.signatureDefs.get(name);
    if (!signature || !def) {
      throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${name}" not found.`);
    }
    if (this.#checkMethodName) checkPredictMethodName(signature);
    return new SignatureRunner(this.#session, name, def, outputs ?? [...signature.outputs.keys()]);
  }
}

/** Whether the first input has a first dimension of 0: of no other request are inputs without rows. */
function hasNoRows(aliases: readonly string[], inputs: NamedTensors): boolean {
  const first = aliases[0];
  return first !== undefined && inputs[first]?.shape[0] === 0;
}

/** Translates aliases to the graph's tensors once, so that a run only moves tensors. */
class SignatureRunner {
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];
  readonly #prepared: PreparedRun;

  /**
   * @param outputs aliases of the signature's, in the order in which they are fetched.
   * @throws ServingError `INVALID_ARGUMENT` for an input that can't be fed and for an unknown output, `UNIMPLEMENTED` for a
   * type of tensor that we can't hold, and what {@link Session.prepare} throws.
   */
  constructor(session: Session, signatureName: string, def: SignatureDef, outputs: readonly string[]) {
    this.#inputs = [...def.inputs.keys()];
    this.#outputs = outputs;
    const feeds = Array.from(def.inputs, ([alias, info]) =>
      tensorName(info, `input ${alias} of signature ${signatureName}`, 'INVALID_ARGUMENT'),
    );
    const fetches = outputs.map((alias) => {
      const info = def.outputs.get(alias);
      if (!info) throw new ServingError('INVALID_ARGUMENT', `output tensor alias not found in signature: ${alias}`);
      return tensorName(info, `output ${alias} of signature ${signatureName}`, 'UNIMPLEMENTED');
    });
    this.#prepared = session.prepare(feeds, fetches);
  }

  /**
   * Runs with one tensor per input of the signature. Further members of `inputs` are ignored.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a missing input, and the runtime's errors, thrown or rejected
   */
  run(inputs: NamedTensors, options: RunOptions | undefined): NamedTensors | Promise<NamedTensors> {
    const results = this.#prepared.run(this.#values(inputs), options);
    return results instanceof Promise ? results.then((later) => this.#named(later)) : this.#named(results);
  }

  #named(results: readonly Tensor[]): NamedTensors {
    const named: NamedTensors = Object.create(null);
    for (let i = 0; i < results.length; i++) named[this.#outputs[i]!] = results[i]!;
    return named;
  }

  #values(inputs: NamedTensors): Tensor[] {
    const values: Tensor[] = [];
    for (let i = 0; i < this.#inputs.length; i++) {
      const value = inputs[this.#inputs[i]!];
      if (value === undefined) throw new ServingError('INVALID_ARGUMENT', `Missing input: ${this.#inputs[i]}`);
      values.push(value);
    }
    return values;
  }
}

/** The tensor of the graph behind an alias. A type without a name is left to the runtime, which knows the graph's. */
function tensorName(info: TensorInfo, where: string, notPlain: 'INVALID_ARGUMENT' | 'UNIMPLEMENTED'): string {
  if (info.name === undefined) {
    const form = info.cooSparse ? 'a sparse tensor' : info.compositeTensor ? 'a composite tensor' : 'without a tensor';
    throw new ServingError(notPlain, `The ${where} is ${form}; only plain tensors can be fed and fetched`);
  }
  const dtype = dataTypeFromNumber(info.dtype) ?? 'invalid';
  if (dtype !== 'invalid' && !isTensorDataType(dtype)) {
    throw new ServingError(
      'UNIMPLEMENTED',
      `The ${where} has type ${dataTypeEnumName(info.dtype)}, which can't be fed or fetched`,
    );
  }
  return info.name;
}
