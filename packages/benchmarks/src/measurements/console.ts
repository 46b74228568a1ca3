/** What the console costs a server of 20 models under load: with a page open, and with none. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds, median, startServer } from '../measured-server.js';
import type { Table } from '../report.js';

const MODELS = 20;
const REQUESTS_PER_SECOND = 1000;
const SECONDS = 5;
const PAIRS = 4;
/** How long a server goes on measuring when the last page is closed. */
const LINGER_SECONDS = 11;

export async function measureConsole(): Promise<Table> {
  const { child, port } = await startServer('console');
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const load = new PacedLoad(port, agent);
  await load.run(3);
  const closed: number[] = [];
  const open: number[] = [];
  const coreShare = async (): Promise<number> => {
    const before = await cpuSeconds(child);
    await load.run(SECONDS);
    return ((await cpuSeconds(child)) - before) / SECONDS;
  };
  for (let pair = 0; pair < PAIRS; pair++) {
    closed.push(await coreShare());
    const page = await openPage(port);
    open.push(await coreShare());
    page.abort();
    await load.run(LINGER_SECONDS);
  }
  const idleClosed = await idleShare(child);
  agent.destroy();
  child.disconnect();
  await once(child, 'exit');
  const added = median(open.map((share, i) => share - closed[i]!));
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  return {
    title: `Console: ${MODELS} models, ${REQUESTS_PER_SECOND} requests/s together`,
    how:
      `Processor time of the server, as a share of one core, over ${SECONDS} s; open and closed in turn, ${PAIRS} times; medians. ` +
      'Open: one page listens to the events.',
    columns: ['console', 'of one core'],
    rows: [
      ['closed, under load', percent(median(closed))],
      ['open, under load', percent(median(open))],
      ['added by the open page', percent(added)],
      ['closed, without requests', percent(idleClosed)],
    ],
  };
}

async function idleShare(child: Parameters<typeof cpuSeconds>[0]): Promise<number> {
  const before = await cpuSeconds(child);
  await pause(SECONDS * 1000);
  return ((await cpuSeconds(child)) - before) / SECONDS;
}

/** Listens as a page does, until it is aborted. */
async function openPage(port: number): Promise<AbortController> {
  const page = new AbortController();
  const base = `http://127.0.0.1:${port}/console/api`;
  await (await fetch(`${base}/snapshot`)).arrayBuffer();
  const { body } = await fetch(`${base}/events`, { signal: page.signal });
  const reader = body!.getReader();
  const listen = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  listen().catch(() => undefined);
  return page;
}

/** As many requests a second as the table says, to all models in turn, whatever the server takes. */
class PacedLoad {
  readonly #port: number;
  readonly #agent: Agent;
  #sent = 0;

  constructor(port: number, agent: Agent) {
    this.#port = port;
    this.#agent = agent;
  }

  /** @throws Error when a request fails */
  async run(seconds: number): Promise<void> {
    const start = performance.now();
    const first = this.#sent;
    const pending: Promise<void>[] = [];
    for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - start) {
      const due = first + Math.floor((elapsed / 1000) * REQUESTS_PER_SECOND);
      while (this.#sent < due) pending.push(this.#post(this.#sent++ % MODELS));
      await pause(5);
    }
    await Promise.all(pending);
  }

  #post(model: number): Promise<void> {
    const path = `/v1/models/m${model}:predict`;
    return new Promise((resolve, reject) => {
      const post = request(
        { port: this.#port, host: '127.0.0.1', path, method: 'POST', agent: this.#agent },
        (answer) => {
          answer.resume();
          answer.on('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${answer.statusCode}`)),
          );
        },
      );
      post.on('error', reject);
      post.end('{"instances": [1.0, 2.0, 5.0]}');
    });
  }
}
