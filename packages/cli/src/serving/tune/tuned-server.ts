/** A server of its own process for each configuration, and the load on it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@serving/core/extend';
import { type BenchSender, createSender } from '../bench/bench-sender.js';
import { type BenchRequest, readTarget } from '../bench/bench-target.js';
import { closedLoop } from '../bench/load-loop.js';
import { type OwnServer, startOwnServer } from '../bench/own-server.js';
import { processCpuSeconds, processResidentBytes } from '../bench/process-usage.js';
import type { TuneSettings } from './tune-settings.js';
import { commandOf } from './tuned-command.js';
import type { Slice, TunedServer } from './tuner.js';

/** What all servers have in common. */
export interface TunedLoad {
  readonly folder: string;
  readonly isOnnxModel: boolean;
  readonly protocol: string;
  readonly connections: number;
  /** Called with the first server, for the model's inputs. */
  readonly requests: (server: OwnServer) => Promise<readonly (BenchRequest | string)[]>;
  readonly signal: AbortSignal;
}

/** @throws ServingError as `startOwnServer`, and `createSender`. */
export async function startTunedServer(load: TunedLoad, settings: TuneSettings): Promise<TunedServer> {
  const { flags, files } = commandOf(settings, load.isOnnxModel);
  const filesFolder = await mkdtemp(join(tmpdir(), 'serving-tune-'));
  let server: OwnServer | undefined;
  try {
    for (const { name, text } of files) await writeFile(join(filesFolder, name), text);
    server = await startOwnServer(
      load.folder,
      flags.map((flag) => withFolder(flag, filesFolder, files)),
      load.signal,
    );
    const sender = await createSender(targetOf(server, load.protocol), await load.requests(server), load.connections);
    return new LoadedServer(server, sender, load);
  } catch (error) {
    await server?.close();
    throw error;
  } finally {
    // The server has read them.
    await rm(filesFolder, { recursive: true, force: true });
  }
}

/** Where the requests of a protocol go. */
export function targetOf(
  { restOrigin, grpcOrigin, model }: OwnServer,
  protocol: string,
): ReturnType<typeof readTarget> {
  const api = protocol === 'rest' ? 'v1' : 'v2';
  return readTarget(
    `${protocol === 'grpc' ? grpcOrigin : restOrigin}/${api}/models/${encodeURIComponent(model)}`,
    protocol,
  );
}

function withFolder(flag: string, folder: string, files: readonly { readonly name: string }[]): string {
  const file = files.find(({ name }) => flag.endsWith(`=${name}`));
  return file === undefined ? flag : flag.replace(`=${file.name}`, `=${join(folder, file.name)}`);
}

class LoadedServer implements TunedServer {
  readonly #server: OwnServer;
  readonly #sender: BenchSender;
  readonly #load: TunedLoad;

  constructor(server: OwnServer, sender: BenchSender, load: TunedLoad) {
    this.#server = server;
    this.#sender = sender;
    this.#load = load;
  }

  async measure(milliseconds: number): Promise<Slice> {
    const { connections, signal } = this.#load;
    const { pid } = this.#server;
    const before = await processCpuSeconds(pid);
    const limits = { milliseconds, requests: Number.POSITIVE_INFINITY, signal };
    const loaded = await closedLoop(this.#sender.send, connections, limits, systemClock);
    const after = await processCpuSeconds(pid);
    return {
      ...loaded,
      cpuSeconds: before === undefined || after === undefined ? undefined : after - before,
      residentBytes: await processResidentBytes(pid),
    };
  }

  async close(): Promise<void> {
    this.#sender.close();
    await this.#server.close();
  }
}
