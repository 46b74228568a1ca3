/** Posts one body over keep-alive connections, closed loop or open loop, and keeps every latency. */
import { connect, type Socket } from 'node:net';

/** The load, and where it goes. */
export interface LatencyLoad {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  /**
   * Requests that become due in a second, at exponential intervals, whether earlier ones are answered or not. A request that is due while all
   * connections wait is sent later, and its latency counts from when it was due. `undefined`: each connection sends the next request when it
   * has its answer.
   */
  readonly rate?: number | undefined;
}

/** In milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Sends the load, once each connection has had an answer. @throws when an answer is not 200 */
export async function measureLatency(load: LatencyLoad): Promise<Latencies> {
  const clients = await Promise.all(Array.from({ length: load.connections }, () => Connection.open(load)));
  // Node accepts one connection in a turn of its event loop, which is not what is measured.
  await Promise.all(clients.map((client) => client.send()));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + 1000 * load.seconds;
  const onLatency = (ms: number): void => {
    latencies.push(ms);
  };
  if (load.rate === undefined) await Promise.all(clients.map((client) => closedLoop(client, end, onLatency)));
  else await openLoop(clients, load.rate, end, onLatency);
  const seconds = (performance.now() - startedAt) / 1000;
  for (const client of clients) client.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]!;
  const { length: count } = latencies;
  return { count, requestsPerSecond: count / seconds, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

async function closedLoop(client: Connection, end: number, onLatency: (ms: number) => void): Promise<void> {
  for (let at = performance.now(); at < end; ) {
    await client.send();
    const now = performance.now();
    onLatency(now - at);
    at = now;
  }
}

async function openLoop(
  clients: readonly Connection[],
  rate: number,
  end: number,
  onLatency: (ms: number) => void,
): Promise<void> {
  const idle = [...clients];
  /** When requests became due that no connection was free for. */
  const overdue: number[] = [];
  let inFlight = 0;
  let due = performance.now();
  const { promise, resolve } = withResolvers();
  const isOver = (): boolean => due >= end && inFlight === 0 && overdue.length === 0;
  const send = async (client: Connection, dueAt: number): Promise<void> => {
    inFlight += 1;
    await client.send();
    inFlight -= 1;
    onLatency(performance.now() - dueAt);
    const next = overdue.shift();
    if (next === undefined) idle.push(client);
    else void send(client, next);
    if (isOver()) resolve();
  };
  const tick = (): void => {
    for (const now = performance.now(); due <= now && due < end; due -= (Math.log(1 - Math.random()) * 1000) / rate) {
      const client = idle.pop();
      if (client) void send(client, due);
      else overdue.push(due);
    }
    // Not a busy loop, which would take a processor from the server. What became due meanwhile counts from when it was due.
    if (due < end) setTimeout(tick, 1);
    else if (isOver()) resolve();
  };
  tick();
  await promise;
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A keep-alive connection with one request at a time. It reads as much of HTTP as our own answers need. */
class Connection {
  readonly #socket: Socket;
  readonly #request: string;
  #answer = '';
  #onAnswer: () => void = () => undefined;
  #onFailure: (error: Error) => void = () => undefined;

  private constructor(socket: Socket, request: string) {
    this.#socket = socket;
    this.#request = request;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#onFailure(error));
    socket.on('close', () => this.#onFailure(new Error('The server closed the connection')));
  }

  static open({ port, path, body }: LatencyLoad): Promise<Connection> {
    const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json'];
    const head = [...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', ''].join('\r\n');
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new Connection(socket, head + body)));
      socket.once('error', reject);
    });
  }

  send(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = resolve;
      this.#onFailure = reject;
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#onFailure = () => undefined;
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#answer += text;
    const bodyAt = this.#answer.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#answer)?.[1]);
    if (this.#answer.length < bodyAt + length) return;
    const isAnswered = this.#answer.startsWith('HTTP/1.1 200 ');
    const status = this.#answer.slice(0, this.#answer.indexOf('\r\n'));
    this.#answer = '';
    if (isAnswered) this.#onAnswer();
    else this.#onFailure(new Error(`Answered with "${status}"`));
  }
}
