/** The server of the pages' tests, a process of its own, and requests that keep it busy. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../fixtures/pages-server.mjs', import.meta.url));
const samples = new URL('../../../savedmodel/fixtures/digits/samples.json', import.meta.url);

/** Hosts that the server mounts the console in, with its addresses. */
export type HostAddresses = Readonly<
  Record<'node:http' | 'with actions' | 'Express' | 'Koa' | 'Fastify' | 'Hono', string>
>;

export class PagesServer {
  readonly addresses: HostAddresses;
  readonly #process: ChildProcess;
  #isBusy = false;
  #clients: Promise<unknown> = Promise.resolve();

  private constructor(process: ChildProcess, addresses: HostAddresses) {
    this.#process = process;
    this.addresses = addresses;
  }

  /** Starts the server with the built packages. */
  static async start(): Promise<PagesServer> {
    const process = fork(script, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = once(process, 'exit').then(([code]) => {
      throw new Error(`The server of the pages ended with ${code}.`);
    });
    exited.catch(() => {});
    const [addresses] = await Promise.race([once(process, 'message'), exited]);
    return new PagesServer(process, addresses as HostAddresses);
  }

  /** Puts version 2 of the digits model beside version 1. */
  deploy(): void {
    this.#process.send('deploy');
  }

  /** Sends predicts of real digits, some of them wrong, until it is stopped. */
  keepBusy(): void {
    this.#isBusy = true;
    const digits = JSON.parse(readFileSync(samples, 'utf8')) as { image: number[][] }[];
    const images = digits.map(({ image }) => image.map((row) => row.map((value) => [value / 16])));
    const client = async (first: number): Promise<void> => {
      for (let i = first; this.#isBusy; i++) {
        const model = i % 4 === 0 ? 'digits_history' : 'digits';
        const instances = i % 41 === 0 ? [[1]] : new Array(1 + (i % 4)).fill(images[i % images.length]);
        const url = new URL(`../v1/models/${model}:predict`, this.addresses['node:http']);
        await (await fetch(url, { method: 'POST', body: JSON.stringify({ instances }) })).arrayBuffer();
        await pause(10);
      }
    };
    this.#clients = Promise.all([client(0), client(100)]);
  }

  async stop(): Promise<void> {
    this.#isBusy = false;
    await this.#clients;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
