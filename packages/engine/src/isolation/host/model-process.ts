/** One child process that runs a model: starts it, exchanges messages with it, and reports how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { builtModuleUrl } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import type { EngineSource, RuntimeDescription } from '../../runtime/saved-model-runtime.js';
import { BlockAllocator } from '../memory/block-allocator.js';
import { closeOnExec, systemCallError } from '../memory/posix-functions.js';
import { createSharedRegion, type OwnedRegion } from '../memory/shared-region.js';
import { blockBytes, TensorBlocks } from '../memory/tensor-blocks.js';
import type { ControlEvents } from '../messages/control-link.js';
import {
  type DescribeReply,
  type FailureReply,
  type LoadReply,
  type LoadRequest,
  MessageKind,
  type PrepareRequest,
  runNumber,
} from '../messages/control-messages.js';
import { ControlSocket } from '../messages/control-socket.js';
import { decodeFailure } from '../messages/failure.js';
import { type IncomingMessage, jsonBody } from '../messages/message-buffer.js';
import type { RemoteRun } from '../runs/remote-run.js';
import { isolationNative } from './isolation-native.js';
import { LastLines } from './last-lines.js';
import type { ProcessEnd } from './process-end.js';
import { UnreadResults } from './unread-results.js';

/** What a process is started with. */
export interface ProcessLaunch {
  /** As process lists show it. */
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly niceness: number;
  /** URL of its program. Default: the one of this package. */
  readonly program: string | undefined;
  /** Whether what it writes to stderr goes to the host's, too. */
  readonly logs: boolean;
}

/** What {@link ModelProcess} needs of its owner. */
export interface ProcessOwner {
  /** The process has ended. What was in flight is in no other list any more. */
  onEnd(end: ProcessEnd, inFlight: readonly RemoteRun[]): void;
}

interface SentRun {
  readonly run: RemoteRun;
  /** Of its inputs; -1 when they were in the message. */
  readonly block: number;
}

const RUN = { inline: MessageKind.run, shared: MessageKind.runShared };
/** How long a process may take to end after the message to end, and how long its last output may take to arrive. */
const CLOSE_MS = 2000;
const DRAIN_MS = 200;
/** A process is not woken up for fewer bytes that it may use again. */
const MAX_UNRELEASED_BYTES = 2 ** 20;
const AF_UNIX = 1;
const SOCK_STREAM = 1;

/** Alive from its construction until its owner's `onEnd`. */
export class ModelProcess implements ControlEvents {
  readonly pid: number | undefined;
  readonly #owner: ProcessOwner;
  readonly #child: ChildProcess;
  readonly #region: OwnedRegion;
  readonly #allocator: BlockAllocator;
  readonly #blocks: TensorBlocks;
  readonly #socket: ControlSocket;
  readonly #lastLines: LastLines = new LastLines();
  readonly #runs = new Map<number, SentRun>();
  readonly #unread: UnreadResults = new UnreadResults((id, words) => this.#settle(id, () => this.#readShared(words)));
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  #reply: ((message: IncomingMessage) => void) | undefined;
  #nextRun = 0;
  /** Of results that were read, whose release waits to go with the next run. */
  #unreleasedBytes = 0;
  #reason: string | undefined;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #isSocketClosed = false;
  #hasOutputEnded = false;
  #hasEnded = false;
  #drainTimer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  /** @throws ServingError when the system has no more memory, descriptors or processes. */
  constructor(owner: ProcessOwner, { title, program, env, niceness, logs }: ProcessLaunch) {
    this.#owner = owner;
    const { libc, posix } = isolationNative();
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const region = createSharedRegion(libc, posix);
    const pair = new Int32Array(2);
    try {
      if (posix.socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) throw systemCallError('socketpair');
    } catch (error) {
      void region.unmap();
      throw error;
    }
    const [own, childs] = pair as unknown as [number, number];
    closeOnExec(posix, own);
    closeOnExec(posix, childs);
    this.#region = region;
    this.#allocator = new BlockAllocator(0, region.bytes / 2, region.discard);
    this.#blocks = new TensorBlocks(libc, region, this.#allocator);
    this.#socket = new ControlSocket(posix, own, this);
    this.#socket.setReferenced(false);
    try {
      this.#child = spawn(process.execPath, [fileURLToPath(program ?? ownProgram()), ...childArguments(region.bytes)], {
        argv0: title,
        env: { ...env },
        stdio: ['ignore', 'ignore', 'pipe', childs, region.descriptor],
      });
    } catch (error) {
      this.#socket.destroy();
      void region.unmap();
      throw new ServingError('RESOURCE_EXHAUSTED', `A process for the model could not be started: ${error}`, {
        cause: error,
      });
    } finally {
      closeSync(childs);
    }
    this.pid = this.#child.pid;
    this.#watch(niceness, logs);
  }

  /** Whether it is gone, and takes no runs. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the process has loaded the model. Rejects with the engine's error; never when the process ends. */
  load(request: LoadRequest): Promise<Exclude<LoadReply, { failure: FailureReply }>> {
    return this.#ask<LoadReply, Exclude<LoadReply, { failure: FailureReply }>>(MessageKind.load, request, (reply) =>
      'failure' in reply ? decodeFailure(reply.failure) : reply,
    );
  }

  /** Resolves with an engine's description, with the rules of {@link load}. */
  describe(engine: EngineSource): Promise<RuntimeDescription> {
    return this.#ask<DescribeReply, RuntimeDescription>(MessageKind.describe, engine, (reply) =>
      'failure' in reply ? decodeFailure(reply.failure) : reply.description,
    );
  }

  /** Sends the process a choice of tensors, for later runs. */
  prepare(choice: number, request: PrepareRequest): void {
    this.#socket.outgoing.addJson(MessageKind.prepare, choice, request);
  }

  /** No run follows with a choice. */
  forget(choice: number): void {
    this.#socket.outgoing.addWords(MessageKind.forget, choice, 0, []);
    this.#socket.flushSoon();
  }

  /**
   * Gives the process a run. Returns its id.
   *
   * @throws ServingError `RESOURCE_EXHAUSTED` when the inputs don't fit the shared memory.
   */
  run(run: RemoteRun, choice: number, requests: number, values: readonly Tensor[]): number {
    const id = this.#nextRun;
    const number = runNumber(choice, requests, false);
    const block = this.#blocks.send(this.#socket.outgoing, RUN, id, number, values);
    this.#nextRun = (id + 1) >>> 0;
    this.#runs.set(id, { run, block });
    this.#unreleasedBytes = 0;
    if (this.#runs.size === 1) {
      this.#socket.setReferenced(true);
      // A lone run has nothing to wait for.
      this.#socket.flush();
    } else this.#socket.flushSoon();
    return id;
  }

  /** The run is waited for no longer; the engine may end it early. */
  cancel(id: number): void {
    if (!this.#runs.has(id)) return;
    this.#socket.outgoing.addWords(MessageKind.cancel, id, 0, []);
    this.#socket.flushSoon();
  }

  /** Keeps the host alive while the process loads. */
  setReferenced(isReferenced: boolean): void {
    this.#socket.setReferenced(isReferenced || this.#runs.size > 0);
  }

  /** Ends the process at once. */
  kill(reason: string): void {
    if (this.#hasEnded) return;
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Sends the message to end, and resolves when the process has ended. */
  close(reason = 'its session was closed'): Promise<void> {
    if (!this.#hasEnded && this.#closeTimer === undefined) {
      this.#reason ??= reason;
      this.#socket.outgoing.addWords(MessageKind.close, 0, 0, []);
      this.#socket.flush();
      this.#socket.setReferenced(true);
      this.#closeTimer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS);
    }
    return this.#ended;
  }

  onMessage(message: IncomingMessage): void {
    switch (message.kind) {
      case MessageKind.result:
        this.#settle(message.id, () => this.#blocks.readInline(message));
        return;
      case MessageKind.resultShared:
        this.#unread.add(message.id, message.words);
        return;
      case MessageKind.failure:
        this.#take(message.id)?.fail(decodeFailure(jsonBody<FailureReply>(message)));
        return;
      case MessageKind.loaded:
      case MessageKind.described:
        this.#reply?.(message);
    }
  }

  onClosed(): void {
    this.#isSocketClosed = true;
    if (this.#hasOutputEnded) this.#end();
    if (this.#exit !== undefined) return;
    // Without its socket it is useless, if it still runs. The host stays alive until the end of the process is reported.
    this.#child.kill('SIGKILL');
    this.#child.ref();
  }

  #watch(niceness: number, logs: boolean): void {
    const child = this.#child;
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#lastLines.add(text);
      if (logs) process.stderr.write(text);
    });
    child.on('error', () => this.#onExit(null, null));
    child.on('exit', (code, signal) => this.#onExit(code, signal));
    child.on('close', () => this.#onOutputEnd());
    if (niceness === 0 || child.pid === undefined) return;
    try {
      setPriority(child.pid, niceness);
    } catch {
      // It has ended already, which is noticed elsewhere.
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#exit !== undefined) return;
    this.#exit = { code, signal };
    clearTimeout(this.#closeTimer);
    // What it has answered, and its last lines, may still be on their way.
    this.#drainTimer = setTimeout(() => this.#end(), DRAIN_MS);
  }

  /** The process is gone, and all that it wrote was read. */
  #onOutputEnd(): void {
    this.#hasOutputEnded = true;
    if (this.#isSocketClosed) this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#drainTimer);
    this.#unread.readAll();
    this.#socket.destroy();
    this.#child.stderr!.destroy();
    const released = this.#region.unmap();
    const inFlight = Array.from(this.#runs.values(), ({ run }) => run);
    this.#runs.clear();
    this.#owner.onEnd(
      {
        pid: this.pid,
        signal: this.#exit?.signal ?? undefined,
        code: this.#exit?.code ?? undefined,
        reason: this.#reason,
        lastLines: this.#lastLines.lines,
      },
      inFlight,
    );
    void released.then(this.#resolveEnded);
  }

  #ask<Reply, Result extends object>(
    kind: number,
    body: unknown,
    resultOf: (reply: Reply) => Result | ServingError,
  ): Promise<Result> {
    this.#socket.outgoing.addJson(kind, 0, body);
    this.#socket.flush();
    return new Promise((resolve, reject) => {
      this.#reply = (message) => {
        this.#reply = undefined;
        const result = resultOf(jsonBody<Reply>(message));
        if (result instanceof ServingError) reject(result);
        else resolve(result as Result);
      };
    });
  }

  #settle(id: number, read: () => Tensor[]): void {
    const run = this.#take(id);
    if (run === undefined) return;
    let results: Tensor[];
    try {
      results = read();
    } catch (error) {
      run.fail(ServingError.from(error, 'INTERNAL'));
      return;
    }
    run.succeed(results);
  }

  #readShared(words: Uint32Array): Tensor[] {
    try {
      return this.#blocks.readShared(words);
    } finally {
      this.#socket.outgoing.addWords(MessageKind.release, 0, 0, [words[0]!, words[1]!]);
      this.#unreleasedBytes += blockBytes(words);
      if (this.#unreleasedBytes > MAX_UNRELEASED_BYTES) {
        this.#unreleasedBytes = 0;
        this.#socket.flushSoon();
      }
    }
  }

  #take(id: number): RemoteRun | undefined {
    const sent = this.#runs.get(id);
    if (sent === undefined) return undefined;
    this.#runs.delete(id);
    if (sent.block >= 0) this.#allocator.free(sent.block);
    if (this.#runs.size === 0) this.#socket.setReferenced(false);
    return sent.run;
  }
}

function childArguments(regionBytes: number): string[] {
  return [String(process.pid), isMainThread ? 'main' : 'worker', String(regionBytes)];
}

function ownProgram(): string {
  return builtModuleUrl('../child/model-process-main.js', import.meta.url);
}
