/** The services that run in a serving thread. */
import type { ModelServer } from '../../server/model-server.js';
import { ServingError } from '../../serving-error.js';
import type { PartCall, StartServiceMessage } from '../main/running-service.js';
import type { ThreadChannel } from '../thread-channel.js';
import { loadThreadSupport } from '../thread-support.js';
import type { ThreadServiceModule, ThreadServicePart } from './thread-service.js';

/** Starts and closes them at messages of the main thread. */
export class ThreadServices {
  readonly #channel: ThreadChannel;
  readonly #server: ModelServer;
  readonly #supportModule: string;
  readonly #parts = new Map<number, Promise<ThreadServicePart>>();

  constructor(channel: ThreadChannel, server: ModelServer, supportModule: string) {
    this.#channel = channel;
    this.#server = server;
    this.#supportModule = supportModule;
  }

  /** Resolves when it is started. @throws ServingError what it fails with */
  async start({ service, module, data, threads, descriptor }: StartServiceMessage): Promise<void> {
    const call = <Result>(name: string, argument?: unknown): Promise<Result> =>
      this.#channel.call('callService', { service, name, argument } satisfies PartCall);
    const starting = (async (): Promise<ThreadServicePart> => {
      const support = await loadThreadSupport(this.#supportModule);
      const { startThreadService } = (await import(module)) as ThreadServiceModule;
      // Closing a descriptor in one thread must not close another's.
      const own = descriptor === undefined ? undefined : support.duplicateDescriptor(descriptor);
      return startThreadService({ server: this.#server, data, threads, descriptor: own, support, call });
    })();
    this.#parts.set(service, starting);
    try {
      await starting;
    } catch (error) {
      this.#parts.delete(service);
      throw error;
    }
  }

  async drain(service: number): Promise<void> {
    (await this.#parts.get(service))?.drain?.();
  }

  /** Resolves when the requests in flight are answered. */
  async close({ service, ...options }: { readonly service: number; readonly timeoutMs?: number }): Promise<void> {
    const part = await this.#parts.get(service);
    await part?.close(options);
    this.#parts.delete(service);
  }

  /** Calls a handler of a service. @throws ServingError `UNAVAILABLE` for one that is closed */
  async callPart({ service, name, argument }: PartCall): Promise<unknown> {
    const part = await this.#parts.get(service);
    if (part === undefined) throw new ServingError('UNAVAILABLE', 'The service is closed in this thread');
    return part.handlers?.[name]?.(argument as never);
  }
}
