/** What does not change while a server runs. */
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import type { RestModelServer } from '@serving/http';
import type { ConsoleActionName, EngineInfo, ModelInfo, MountedApis, ServerInfo } from './api/console-api.js';
import type { RequestedVersion } from './models/version-signatures.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
/** Of this package, and of all of the project. */
export const packageVersion: string = version;

/** What the console knows of itself. */
export interface ServerInfoContext {
  readonly actions: readonly ConsoleActionName[];
  readonly apis: MountedApis;
}

/** Engines are those of the versions that are there. */
export function serverInfo(
  server: RestModelServer,
  models: readonly ModelInfo[],
  { actions, apis }: ServerInfoContext,
): ServerInfo {
  return {
    version: packageVersion,
    nodeVersion: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    pid: process.pid,
    startTime: Math.round(performance.timeOrigin),
    cpus: availableParallelism(),
    totalMemoryBytes: Math.min(process.constrainedMemory() || totalmem(), totalmem()),
    state: server.state ?? 'serving',
    engines: enginesOf(server, models),
    actions,
    apis,
  };
}

function enginesOf(server: RestModelServer, models: readonly ModelInfo[]): EngineInfo[] {
  const engines = new Map<string, EngineInfo>();
  for (const { name: model, versions } of models) {
    for (const { engine: name, state, version } of versions) {
      if (name === undefined || engines.get(name)?.libraryVersion !== undefined) continue;
      const libraryVersion = state === 'AVAILABLE' ? libraryVersionOf(server, { model, version }) : undefined;
      engines.set(name, { name, ...(libraryVersion !== undefined && { libraryVersion }) });
    }
  }
  return [...engines.values()];
}

/** `undefined` for a version that has gone meanwhile, and for an engine that does not tell. */
function libraryVersionOf(server: RestModelServer, spec: RequestedVersion): string | undefined {
  try {
    const handle = server.getServableHandle(spec);
    const { libraryVersion } = handle.servable;
    handle.release();
    return libraryVersion;
  } catch {
    return undefined;
  }
}

/** Addresses of the APIs beside a console at this path, relative to its base. */
export function mountedApis(path: string, serves: (target: string) => boolean, grpc: string | undefined): MountedApis {
  const depth = path.split('/').filter((segment) => segment !== '').length;
  const root = Array.from({ length: depth }, () => '..').join('/');
  return {
    v1: `${root}/v1`,
    ...(serves('/v2') && { v2: `${root}/v2` }),
    ...(grpc !== undefined && { grpc }),
    ...(serves('/openapi.json') && { openapi: `${root}/openapi.json` }),
  };
}
