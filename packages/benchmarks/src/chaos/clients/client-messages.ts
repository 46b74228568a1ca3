/** What the server's process and its clients' tell each other. */
import type { FailedRequest } from '../faults/fault-record.js';
import type { Counts } from './caller-loops.js';

/** What a client process is started with. */
export interface ClientOptions {
  readonly restPort: number;
  readonly grpcPort: number;
  readonly models: readonly string[];
  readonly seed: number;
}

/** To the clients. `stop`: end when the last request has ended. */
export type ToClients =
  | { readonly kind: 'pause'; readonly model: string; readonly isPaused: boolean }
  | { readonly kind: 'stop' };

/** From the clients: a request that failed, and all requests so far. */
export type FromClients =
  | { readonly kind: 'failed'; readonly failed: FailedRequest }
  | { readonly kind: 'counts'; readonly counts: Counts };
