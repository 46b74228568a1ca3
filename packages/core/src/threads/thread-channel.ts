/** Calls between the main thread and one serving thread, in their order. */
import type { Transferable } from 'node:worker_threads';
import { ServingError } from '../serving-error.js';
import { fromPlainError, type PlainError, toPlainError } from './plain-error.js';

/** Either end of a thread's messages: a `Worker` or its `parentPort`. */
export interface MessagePortLike {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: ChannelMessage) => void): unknown;
}

/** What the other end may call, by name. Arguments and results are plain data. */
export type ChannelHandlers = Readonly<Record<string, (argument: never) => unknown>>;

/** `call` is absent where no answer is expected. */
type ChannelMessage =
  | { readonly name: string; readonly argument: unknown; readonly call?: number }
  | { readonly answers: number; readonly result?: unknown; readonly error?: PlainError };

interface Waiting {
  resolve(result: never): void;
  reject(error: ServingError): void;
}

/** Handlers begin in the order of the calls; each answers when it is done. */
export class ThreadChannel {
  readonly #port: MessagePortLike;
  readonly #handlers: ChannelHandlers;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #end: ServingError | undefined;

  constructor(port: MessagePortLike, handlers: ChannelHandlers) {
    this.#port = port;
    this.#handlers = handlers;
    port.on('message', (message) => this.#receive(message));
  }

  /** Calls a handler of the other end whose outcome does not matter. */
  send(name: string, argument?: unknown): void {
    if (this.#end === undefined) this.#port.postMessage({ name, argument });
  }

  /**
   * @param transfer what the argument holds that goes over to the other thread
   * @throws ServingError what the handler fails with, or what {@link close} was called with
   */
  call<Result>(name: string, argument?: unknown, transfer?: readonly Transferable[]): Promise<Result> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      try {
        this.#port.postMessage({ name, argument, call }, transfer);
      } catch (error) {
        this.#waiting.delete(call);
        reject(ServingError.from(error, 'INVALID_ARGUMENT').prefixed(`"${name}" can't be sent to another thread: `));
      }
    });
  }

  /** The other end is gone: calls that wait, and later ones, fail. */
  close(error: ServingError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #receive(message: ChannelMessage): void {
    if (!('answers' in message)) {
      void this.#handle(message.name, message.argument, message.call);
      return;
    }
    const waiting = this.#waiting.get(message.answers);
    this.#waiting.delete(message.answers);
    if (message.error) waiting?.reject(fromPlainError(message.error));
    else waiting?.resolve(message.result as never);
  }

  async #handle(name: string, argument: unknown, call: number | undefined): Promise<void> {
    try {
      const result = await this.#handlers[name]?.(argument as never);
      if (call !== undefined) this.#answer({ answers: call, result });
    } catch (error) {
      // Without a caller it is an exception as any other.
      if (call === undefined) throw error;
      this.#answer({ answers: call, error: toPlainError(error) });
    }
  }

  #answer(message: ChannelMessage): void {
    if (this.#end === undefined) this.#port.postMessage(message);
  }
}
