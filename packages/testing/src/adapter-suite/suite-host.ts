/** A host under test, around a model whose runs the case decides. */
import type { RunOptions } from '@serving/core/extend';
import type { HttpRestApiOptions } from '@serving/http';
import { fakeServable } from '../fake-servable.js';
import { startTestServer, type TestServer } from '../test-server.js';
import type { AdapterCase, AdapterMount, AdapterUnderTest, CreateServer } from './adapter-under-test.js';
import { RawConnection } from './raw-connection.js';

/** What a case decides. */
export interface SuiteHostOptions extends Partial<Omit<AdapterMount, 'server'>> {
  /** Called in the middle of each run. */
  readonly duringRun?: (options: RunOptions) => Promise<void> | void;
}

/** A running host, and requests to it. */
export class SuiteHost {
  readonly #adapter: AdapterUnderTest;
  readonly #prefix: string;
  readonly #connections: RawConnection[] = [];
  readonly models: TestServer;
  readonly url: string;

  constructor(adapter: AdapterUnderTest, models: TestServer, prefix: string) {
    this.#adapter = adapter;
    this.#prefix = prefix;
    this.models = models;
    this.url = adapter.url + prefix;
  }

  /** Sends a request below the prefix, on a connection that isn't kept. */
  fetch(target: string, { headers, ...init }: SuiteRequest = {}): Promise<Response> {
    return fetch(this.url + target, { ...init, headers: { connection: 'close', ...headers } });
  }

  /** Sends the model a request, with JSON unless the headers name another type. */
  predict(body: string | Uint8Array<ArrayBuffer>, { headers, ...init }: SuiteRequest = {}): Promise<Response> {
    const json = { 'content-type': 'application/json', ...headers };
    return this.fetch(PREDICT, { ...init, method: 'POST', body, headers: json });
  }

  /** Sends the host itself a request, without the prefix. */
  fetchHost(target: string): Promise<Response> {
    return fetch(this.#adapter.url + target, { headers: { connection: 'close' } });
  }

  /** A connection on which the case writes what it likes. */
  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(Number(new URL(this.#adapter.url).port));
    this.#connections.push(connection);
    return connection;
  }

  /** A predict request as it goes over the wire. */
  wirePredict(body: string, headers: readonly string[] = []): string {
    const lines = [
      `POST ${this.#prefix}${PREDICT} HTTP/1.1`,
      'Host: suite',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  }

  /** The head of a predict request whose body comes in chunks. */
  wireChunkedPredict(): string {
    return `POST ${this.#prefix}${PREDICT} HTTP/1.1\r\nHost: suite\r\nTransfer-Encoding: chunked\r\n\r\n`;
  }

  /** Closes the host, but not what it serves. */
  closeAdapter(): Promise<void> {
    return this.#adapter.close();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await this.#adapter.close();
    await this.models.close();
  }
}

interface SuiteRequest extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
}

/** A case that has a host; `test` may close it itself. */
export function adapterCase(
  name: string,
  options: SuiteHostOptions,
  test: (host: SuiteHost) => Promise<void>,
): AdapterCase {
  return { name, test: (createServer) => withHost(createServer, options, test) };
}

/** Runs with a host that is closed afterwards, whatever happens. */
export async function withHost(
  createServer: CreateServer,
  options: SuiteHostOptions,
  use: (host: SuiteHost) => Promise<void>,
): Promise<void> {
  const { duringRun, prefix = '', bodyParser = false, options: restOptions = {} } = options;
  const models = await startSuiteModels(duringRun, restOptions);
  const adapter = await createServer({ server: models.server, options: restOptions, prefix, bodyParser });
  let isClosed = false;
  const host = new SuiteHost(
    {
      url: adapter.url,
      async close() {
        if (isClosed) return;
        isClosed = true;
        await adapter.close();
      },
    },
    models,
    prefix,
  );
  try {
    await use(host);
  } finally {
    await host.close();
  }
}

/** An answer's body. Parsed here, as Jest's tests have other classes than what `fetch` makes, and `deepEqual` minds. */
export async function jsonOf(answer: Response | Promise<Response>): Promise<unknown> {
  return JSON.parse(await (await answer).text());
}

/** The text of an error's answer, without its hint. */
export async function errorOf(answer: Response): Promise<unknown> {
  return ((await jsonOf(answer)) as { error: unknown }).error;
}

/**
 * Resolves when the condition holds, by looking after each turn of the event loop.
 *
 * @throws Error when it doesn't for ten seconds, so that a case that can't succeed ends.
 */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`This never came true: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const MODEL: string = '/v1/models/half';
export const PREDICT: string = `${MODEL}:predict`;

/** `half`, version 4, label `stable`: y = x / 2 + 2. `größe 1` is the same, by another name. */
function startSuiteModels(
  duringRun: SuiteHostOptions['duringRun'],
  { clock }: Pick<HttpRestApiOptions, 'clock'>,
): Promise<TestServer> {
  const half = fakeServable({
    inputs: { x: 'float' },
    outputs: { y: 'float' },
    async run({ x }, options) {
      await duringRun?.(options);
      return { y: { shape: x.shape, data: x.data.map((value) => value / 2 + 2) } };
    },
  });
  return startTestServer({
    models: { half: { versions: { 4: half }, versionLabels: { stable: 4 } }, 'größe 1': half },
    ...(clock && { clock }),
  });
}
