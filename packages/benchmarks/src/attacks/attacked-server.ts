/** A `tensorflow_model_server` in a process of its own, for attacks over REST and gRPC. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** `ATTACKED_SERVER` names the command of another build, to compare with. */
const BIN =
  process.env.ATTACKED_SERVER ?? fileURLToPath(new URL('../../../cli/bin/tensorflow_model_server.js', import.meta.url));

export interface AttackedServerOptions {
  readonly model: { readonly name: string; readonly basePath: string };
  readonly flags?: readonly string[];
  /** File descriptors that the process may open. Default: as many as this process. */
  readonly descriptors?: number;
}

export class AttackedServer {
  /** Of REST. */
  readonly port: number;
  readonly grpcPort: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  #log = '';

  private constructor(child: ChildProcess, port: number, grpcPort: number) {
    this.#child = child;
    this.port = port;
    this.grpcPort = grpcPort;
    this.#exited = once(child, 'exit').then(([code, signal]) => String(code ?? signal));
  }

  /** Resolves when the server takes requests. */
  static async start({ model, flags = [], descriptors }: AttackedServerOptions): Promise<AttackedServer> {
    const port = await freePort();
    const grpcPort = await freePort();
    const argv = [
      `--port=${grpcPort}`,
      `--rest_api_port=${port}`,
      `--model_name=${model.name}`,
      `--model_base_path=${model.basePath}`,
    ];
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
    const shell = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, BIN, ...argv, ...flags];
    const child = spawn('sh', shell, { stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new AttackedServer(child, port, grpcPort);
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      server.#log += text;
    });
    while (!server.#log.includes('REST API at')) {
      const ended = await Promise.race([once(child.stderr!, 'data'), server.#exited]);
      if (typeof ended === 'string')
        throw new Error(`The server ended with ${ended} before it listened: ${server.log}`);
    }
    // It installs its signal handlers right after the line.
    await fetch(`http://127.0.0.1:${port}/v1/models/${encodeURIComponent(model.name)}`, {
      headers: { connection: 'close' },
    });
    return server;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written to stderr. */
  get log(): string {
    return this.#log;
  }

  /** What the process has open: files and connections. */
  get openDescriptors(): number {
    return this.#ofProcess(() => readdirSync(`/proc/${this.#child.pid}/fd`).length);
  }

  /** Its resident memory. */
  get residentBytes(): number {
    const status = (): string => readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return this.#ofProcess(() => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status())?.[1] ?? 0));
  }

  /** Sends SIGTERM. Resolves with the exit code or signal; `still running` after `withinMs`, when it is killed. */
  async terminate(withinMs: number): Promise<string> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    const exit = await this.#exited;
    clearTimeout(timer);
    return exit === 'SIGKILL' ? 'still running' : exit;
  }

  #ofProcess(read: () => number): number {
    return this.isRunning ? read() : 0;
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
