/** Runs an example as its reader does: with `node`, in a process of its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The file beside a test: `beside(import.meta.url)('server.js')` is its path. */
export const beside = (test) => (relative) => fileURLToPath(new URL(relative, test));

/** The base path of a SavedModel that TensorFlow made; without a name, the folder of all. */
export const fixture = (name = '') => beside(import.meta.url)(`../../packages/savedmodel/fixtures/${name}`);

/** What an example that ends by itself prints; rejects when its exit code isn't 0. */
export async function runExample(file, args = [], options = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], options);
  return stdout;
}

/** Starts an example that serves, on a free port, and resolves when it has printed `listening on PORT`. */
export function startExample(file, args = [], { env = {}, cwd } = {}) {
  const options = { cwd, env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] };
  return started(spawn(process.execPath, [file, ...args], options), 'stdout', 'listening on ');
}

/** Starts `tensorflow_model_server`, and resolves when it has said where its REST API listens. */
export function startModelServer(flags, { cwd } = {}) {
  const bin = beside(import.meta.url)('../../packages/cli/bin/tensorflow_model_server.js');
  const options = { cwd, stdio: ['ignore', 'inherit', 'pipe'] };
  return started(spawn(process.execPath, [bin, ...flags], options), 'stderr', 'REST API at http://');
}

async function started(child, output, announcement) {
  const example = new ServingExample(child, child[output], announcement);
  await example.seen(announcement);
  return example;
}

class ServingExample {
  #child;
  #output;
  #announcement;
  #exit;
  #printed = '';

  constructor(child, output, announcement) {
    this.#child = child;
    this.#output = output;
    this.#announcement = announcement;
    this.#exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    output.setEncoding('utf8').on('data', (chunk) => {
      this.#printed += chunk;
    });
  }

  /** All that it has printed so far. */
  get printed() {
    return this.#printed;
  }

  get port() {
    return Number(/^(?:[\d.]+:)?(\d+)/.exec(this.#printed.split(this.#announcement)[1])[1]);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it has printed the text; rejects when it ends without. */
  async seen(text) {
    while (!this.#printed.includes(text)) {
      const ended = await Promise.race([this.#exit, once(this.#output, 'data').then(() => undefined)]);
      if (ended && !this.#printed.includes(text)) {
        throw new Error(
          `It ended with ${JSON.stringify(ended)} before it printed ${JSON.stringify(text)}:\n${this.#printed}`,
        );
      }
    }
  }

  /**
   * Asks again and again on one connection, once the first answer has come; `closed` resolves with the statuses when an
   * answer has said "Connection: close", and rejects when a request fails.
   */
  async keepAsking(target) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => {
      const [response] = await once(get(this.url + target, { agent }), 'response');
      response.resume();
      await once(response, 'end');
      return response;
    };
    const statuses = [(await ask()).statusCode];
    const askOn = async () => {
      for (let isKept = true; isKept; ) {
        const { statusCode, headers } = await ask();
        statuses.push(statusCode);
        isKept = headers.connection !== 'close';
      }
      agent.destroy();
      return { statuses };
    };
    return { closed: askOn() };
  }

  /** Sends SIGTERM, and gives the exit code and signal that it ends with. */
  terminate() {
    this.#child.kill('SIGTERM');
    return this.#exit;
  }

  /** For `afterAll`: ends it, whatever it is doing. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
