/** A server of its own process for the models of a folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServingError } from '@serving/core';
import { localPath } from '@serving/core/extend';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { findOnlyModel } from '../serve/find-models.js';

/** A started server. */
export interface OwnServer {
  readonly pid: number;
  readonly restOrigin: string;
  readonly grpcOrigin: string;
  readonly model: string;
  close(): Promise<void>;
}

const POLL_MS = 50;

/**
 * Starts `tensorflow_model_server` with one model: a base path, or the folder of a version. Resolves when it can infer.
 *
 * @param more flags of the server
 * @throws ServingError `UNAVAILABLE` with the end of its log when it ends, as `findOnlyModel` for another folder, and what the signal aborts
 * with.
 */
export async function startOwnServer(
  folder: string,
  more: readonly string[],
  signal?: AbortSignal,
): Promise<OwnServer> {
  const basePath = resolve(localPath(folder));
  const { name: model, platform } = await findOnlyModel(basePath);
  const [restPort, grpcPort] = [await freePort(), await freePort()];
  const script = fileURLToPath(new URL('../../../bin/tensorflow_model_server.js', import.meta.url));
  const flags = [
    ...[`--rest_api_port=${restPort}`, `--port=${grpcPort}`, `--model_name=${model}`, `--model_base_path=${basePath}`],
    ...['--unversioned_base_path', `--model_platform=${platform}`],
    // Nothing but the requests takes processor time, and it ends at once.
    ...['--file_system_poll_wait_seconds=0', '--drain_delay_ms=false', ...more],
  ];
  const child = spawn(process.execPath, [script, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk).slice(-2000);
  });
  const restOrigin = `http://127.0.0.1:${restPort}`;
  try {
    await ready(child, new OpenInferenceClient(restOrigin), () => log, signal);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    pid: child.pid!,
    restOrigin,
    grpcOrigin: `http://127.0.0.1:${grpcPort}`,
    model,
    async close() {
      if (hasEnded(child)) return;
      const exit = once(child, 'exit');
      // A run that can not be interrupted may be in flight; the answers are no longer needed.
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function ready(
  child: ChildProcess,
  client: OpenInferenceClient,
  log: () => string,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!hasEnded(child)) {
    signal?.throwIfAborted();
    // Nothing listens before the model had its first outcome.
    const isUp = await client.live().catch(() => false);
    if (isUp && (await client.ready())) return;
    if (isUp) throw new ServingError('UNAVAILABLE', `The model can not be served: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new ServingError('UNAVAILABLE', `The server ended: ${log()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
