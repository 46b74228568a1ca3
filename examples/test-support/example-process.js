/** Runs an example as its reader does: with `node`, in a process of its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
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
export async function startExample(file, args = [], { env = {}, cwd } = {}) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const example = new ServingExample(child);
  await example.seen('listening on ');
  return example;
}

class ServingExample {
  #child;
  #exit;
  #printed = '';

  constructor(child) {
    this.#child = child;
    this.#exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      this.#printed += chunk;
    });
  }

  /** All that it has printed so far. */
  get printed() {
    return this.#printed;
  }

  get port() {
    return Number(/listening on (\d+)/.exec(this.#printed)[1]);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it has printed the text; rejects when it ends without. */
  async seen(text) {
    while (!this.#printed.includes(text)) {
      const ended = await Promise.race([this.#exit, once(this.#child.stdout, 'data').then(() => undefined)]);
      if (ended && !this.#printed.includes(text)) {
        throw new Error(
          `It ended with ${JSON.stringify(ended)} before it printed ${JSON.stringify(text)}:\n${this.#printed}`,
        );
      }
    }
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
