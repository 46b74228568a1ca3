/** An adapter as the suite's cases see it. */
import type { HttpRestApiOptions, RestModelServer } from '@serving/http';

/** What to serve, and how. */
export interface AdapterMount {
  readonly server: RestModelServer;
  /** To be handed to the adapter. */
  readonly options: HttpRestApiOptions;
  /** Where the API is to be mounted: empty, or a path such as `/ml/serving`. */
  readonly prefix: string;
  /** Whether the framework's usual parser of JSON bodies is to be in front of the adapter. */
  readonly bodyParser: boolean;
}

/** A host that listens on a port of its own. */
export interface AdapterUnderTest {
  /** `http://127.0.0.1:PORT`, without the prefix. */
  readonly url: string;
  /** Takes no more connections, and resolves when the requests in flight have been answered. */
  close(): Promise<void>;
}

/** A situation and its outcome. */
export interface AdapterCase {
  readonly name: string;
  readonly test: (createServer: CreateServer) => Promise<void>;
}

/** Makes a host with the adapter mounted; called once for each case. */
export type CreateServer = (mount: AdapterMount) => Promise<AdapterUnderTest>;
