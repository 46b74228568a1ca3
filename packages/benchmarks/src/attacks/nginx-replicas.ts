/** SIGTERM of one of three replicas behind nginx, while clients of REST and gRPC ask. Needs nginx in PATH. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureBasePath } from '../fixtures.js';
import type { Attack } from './attack.js';
import { AttackedServer, freePort } from './attacked-server.js';
import { GrpcCaller } from './grpc/grpc-caller.js';
import { pause, RawConnection } from './http/raw-connection.js';

const REPLICAS = 3;
const REST_CLIENTS = 16;
const GRPC_CLIENTS = 16;

export const nginxReplicas: Attack = {
  name: 'nginx-replicas',
  description: `SIGTERM of one of ${REPLICAS} replicas behind nginx, under ${REST_CLIENTS} REST and ${GRPC_CLIENTS} gRPC clients`,
  async run() {
    const model = { name: 'm', basePath: fixtureBasePath('half_plus_two') };
    const servers = await Promise.all(Array.from({ length: REPLICAS }, () => AttackedServer.start({ model })));
    const nginx = await Nginx.start(servers);
    const load = { isOver: false, answered: 0, failed: [] as string[] };
    const clients = [
      ...Array.from({ length: REST_CLIENTS }, () => askRest(nginx.restPort, load)),
      ...Array.from({ length: GRPC_CLIENTS }, () => askGrpc(nginx.grpcPort, load)),
    ];
    await pause(2000);
    const exit = await servers[0]!.terminate(30_000);
    await pause(1000);
    load.isOver = true;
    await Promise.all(clients);
    await nginx.stop();
    for (const server of servers.slice(1)) await server.terminate(30_000);
    const { answered, failed } = load;
    return {
      passed: failed.length === 0 && answered > 0 && exit === '0',
      figures: { answered, failed: failed.length, firstFailed: failed[0] ?? 'none', exit },
    };
  },
};

interface Load {
  isOver: boolean;
  answered: number;
  readonly failed: string[];
}

async function askRest(port: number, load: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { port, host: '127.0.0.1', path: '/v1/models/m:predict', method: 'POST', agent };
  while (!load.isOver) {
    await new Promise<void>((resolve) => {
      const fail = (reason: string): void => {
        load.failed.push(`REST ${reason}`);
        resolve();
      };
      request(options, (answer) => {
        answer.resume();
        answer.once('error', (error) => fail(error.message));
        answer.once('end', () => {
          if (answer.statusCode !== 200) return fail(String(answer.statusCode));
          load.answered += 1;
          resolve();
        });
      })
        .once('error', (error) => fail(error.message))
        .end('{"instances": [1.0]}');
    });
  }
  agent.destroy();
}

async function askGrpc(port: number, load: Load): Promise<void> {
  const caller = new GrpcCaller(port);
  while (!load.isOver) {
    const error = await caller.ask();
    if (error === undefined) load.answered += 1;
    else load.failed.push(`gRPC ${error.details}`);
  }
  caller.close();
}

class Nginx {
  readonly restPort: number;
  readonly grpcPort: number;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, folder: string, restPort: number, grpcPort: number) {
    this.#child = child;
    this.#folder = folder;
    this.restPort = restPort;
    this.grpcPort = grpcPort;
  }

  static async start(servers: readonly AttackedServer[]): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'nginx-replicas-'));
    const [restPort, grpcPort] = [await freePort(), await freePort()];
    const group = (name: string, ports: readonly number[]): string =>
      `upstream ${name} { ${ports.map((port) => `server 127.0.0.1:${port};`).join(' ')} keepalive 32; }`;
    const config = `
      daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
      events { worker_connections 1024; }
      http {
        access_log off; keepalive_requests 1000000;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        ${group(
          'rest',
          servers.map(({ port }) => port),
        )}
        ${group(
          'grpc',
          servers.map(({ grpcPort: port }) => port),
        )}
        server {
          listen 127.0.0.1:${restPort};
          location / { proxy_pass http://rest; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
        server { listen 127.0.0.1:${grpcPort} http2; location / { grpc_pass grpc://grpc; } }
      }`;
    await writeFile(join(folder, 'nginx.conf'), config);
    const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    const ended = once(child, 'exit').catch((error) => [error.message]);
    const isOpen = async (): Promise<true> => {
      for (;;) {
        const connection = await RawConnection.open(restPort);
        connection?.socket.destroy();
        if (connection) return true;
        await pause(20);
      }
    };
    const first = await Promise.race([isOpen(), ended]);
    if (first !== true) throw new Error(`nginx ended before it listened: ${first[0]}`);
    return new Nginx(child, folder, restPort, grpcPort);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
    await rm(this.#folder, { recursive: true });
  }
}
