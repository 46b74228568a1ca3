/** Starts a server in a process of its own and asks what its CPU time is. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Post, postLoad } from './load.js';

/** What docs/guides/deployment.md tells servers of large bodies to start Node with. Every contestant has it. */
export const garbageRoom: string[] = ['--heap-growing-percent=500'];

/** What one server made of one load. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly cpuSecondsPerRequest: number;
  readonly generator: string;
}

/** Measures a fresh server of this kind (see http-server.ts), after a warm-up. */
export async function measureServer(
  kind: string,
  path: string,
  body: string | Post,
  connections: number,
  seconds: number,
  warmUpSeconds = 2,
): Promise<Measured> {
  const { child, port } = await startServer(kind);
  const url = `http://127.0.0.1:${port}${path}`;
  const post = typeof body === 'string' ? { body } : body;
  await postLoad(url, post, connections, warmUpSeconds);
  const before = await cpuSeconds(child);
  const { requestsPerSecond, non2xx, generator } = await postLoad(url, post, connections, seconds);
  if (non2xx > 0) throw new Error(`${non2xx} requests to ${url} failed`);
  const cpuSecondsPerRequest = ((await cpuSeconds(child)) - before) / (requestsPerSecond * seconds);
  child.disconnect();
  await once(child, 'exit');
  return { requestsPerSecond, cpuSecondsPerRequest, generator };
}

/**
 * Starts a server of this kind, which ends when its channel disconnects.
 *
 * @param script http-server.js of this tree or another
 */
export async function startServer(
  kind: string,
  script: string = fileURLToPath(new URL('./http-server.js', import.meta.url)),
): Promise<{ child: ChildProcess; port: number }> {
  // Only tfjs-node would print.
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const child = fork(script, [kind], { env, execArgv: garbageRoom });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The server "${kind}" ended with code ${code} before it listened`);
  });
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }];
  ended.catch(() => undefined);
  return { child, port };
}

/** CPU time of a server so far. */
export async function cpuSeconds(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1e6;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
