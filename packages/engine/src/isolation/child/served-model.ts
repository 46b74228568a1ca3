/** The model in its process: loads it and runs the requests of the host. */
import { ServingError } from '@serving/core';
import type { Address } from '../../native/libc.js';
import type { EngineSource, SavedModelRuntime, Session } from '../../runtime/saved-model-runtime.js';
import type { BlockAllocator } from '../memory/block-allocator.js';
import type { PosixFunctions } from '../memory/posix-functions.js';
import { blockOffset, type TensorBlocks } from '../memory/tensor-blocks.js';
import type { ControlEvents } from '../messages/control-link.js';
import { type DescribeReply, type LoadReply, type LoadRequest, MessageKind } from '../messages/control-messages.js';
import { ControlSocket } from '../messages/control-socket.js';
import { encodeFailure } from '../messages/failure.js';
import { type IncomingMessage, jsonBody } from '../messages/message-buffer.js';
import { RunServer } from '../runs/run-server.js';
import { RegionViews } from './region-views.js';

const RESULT = { inline: MessageKind.result, shared: MessageKind.resultShared };

/** Serves one host, until the host closes the socket or sends the message to end. */
export class ServedModel implements ControlEvents {
  readonly #posix: PosixFunctions;
  readonly #blocks: TensorBlocks;
  readonly #allocator: BlockAllocator;
  readonly #socket: ControlSocket;
  readonly #runs: RunServer;
  readonly #views: RegionViews = new RegionViews();
  readonly #viewAt = (address: Address, bytes: number): ArrayBuffer => this.#views.at(address, bytes);
  #session: Session | undefined;

  constructor(posix: PosixFunctions, descriptor: number, blocks: TensorBlocks, allocator: BlockAllocator) {
    this.#posix = posix;
    this.#blocks = blocks;
    this.#allocator = allocator;
    this.#socket = new ControlSocket(posix, descriptor, this);
    this.#runs = new RunServer({
      link: this.#socket,
      prepare: (feeds, fetches) => {
        if (this.#session === undefined) throw new ServingError('FAILED_PRECONDITION', 'No model is loaded');
        return this.#session.prepare(feeds, fetches);
      },
      addResults: (id, results) => void blocks.send(this.#socket.outgoing, RESULT, id, 0, results),
    });
  }

  onMessage(message: IncomingMessage): void {
    switch (message.kind) {
      case MessageKind.run:
        this.#runs.run(message, () => this.#blocks.readInline(message));
        return;
      case MessageKind.runShared:
        this.#runs.run(message, () => this.#blocks.readShared(message.words, this.#viewAt));
        return;
      case MessageKind.release:
        this.#allocator.free(blockOffset(message.words));
        return;
      case MessageKind.load:
        void this.#load(jsonBody<LoadRequest>(message));
        return;
      case MessageKind.describe:
        void this.#describe(jsonBody<EngineSource>(message));
        return;
      case MessageKind.close:
        this.#posix.exitNow(0);
        return;
      default:
        this.#runs.onMessage(message);
    }
  }

  onDelivered(): void {
    this.#socket.flush();
  }

  /** The host is gone. */
  onClosed(): void {
    this.#posix.exitNow(0);
  }

  async #load({ engine, directory, tags, session, hasSmallKernels }: LoadRequest): Promise<void> {
    let reply: LoadReply;
    try {
      const runtime = await makeEngine(engine);
      const { configProto, ...options } = session;
      const given = {
        ...options,
        ...(configProto !== undefined && { configProto: Buffer.from(configProto, 'base64') }),
      };
      runtime.configure?.(given);
      this.#session = await runtime.load(directory, tags, given, { hasSmallKernels, hasOwnProcess: true });
      const { unbatchedSignatures, libraryVersion } = this.#session;
      reply = {
        engine: this.#session.engine ?? runtime.name,
        libraryVersion,
        unbatchedSignatures: unbatchedSignatures && [...unbatchedSignatures],
      };
    } catch (error) {
      reply = { failure: encodeFailure(error) };
    }
    this.#socket.outgoing.addJson(MessageKind.loaded, 0, reply);
    this.#socket.flush();
  }

  async #describe(engine: EngineSource): Promise<void> {
    let reply: DescribeReply;
    try {
      const runtime = await makeEngine(engine);
      reply = { description: await runtime.describe() };
    } catch (error) {
      reply = { failure: encodeFailure(error) };
    }
    this.#socket.outgoing.addJson(MessageKind.described, 0, reply);
    this.#socket.flush();
  }
}

async function makeEngine({ module, factory, options }: EngineSource): Promise<SavedModelRuntime> {
  const exported: Record<string, (options: object) => SavedModelRuntime> = await import(module);
  return exported[factory]!(options);
}
