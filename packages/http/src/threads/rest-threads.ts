/** The REST API in several serving threads. */
import { ServingError } from '@serving/core';
import { builtModuleUrl, postableModule, servingThreadsOf, threadShare } from '@serving/core/internal';
import type { RestListener } from '../node/rest-listener.js';
import { type RestServerOptions, restServerLimits } from '../node/rest-server-options.js';
import { type RequestCountRow, RequestCounts } from '../rest/request-counts.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import type { RestThreadData } from './rest-thread.js';

/**
 * Binds here, and listens in each thread.
 *
 * @throws ServingError as `RestServer.listen`, and `INVALID_ARGUMENT` for extensions and formats that other threads can't load
 */
export async function listenInThreads(
  modelServer: RestModelServer,
  options: RestServerOptions,
  threads: number,
): Promise<RestListener> {
  const { port, host = '127.0.0.1', tls, metrics, clock: _clock, threads: _threads, ...api } = options;
  const extensions = api.extensions?.map((module, i) => postableModule(module, `extensions[${i}]`));
  const formats = api.formats?.map((format, i) => postableModule(format, `formats[${i}]`));
  const limits = await restServerLimits(options);
  const share = (limit: number | false): number | false => limit !== false && threadShare(limit, threads);
  const data: RestThreadData = {
    options: { ...api, ...(extensions && { extensions }), ...(formats && { formats }) },
    limits: {
      ...limits,
      maxConnections: share(limits.maxConnections),
      maxUnsentBytes: share(limits.maxUnsentBytes),
    },
    tls,
    metricsContentType: metrics && (metrics.contentType ?? 'text/plain'),
  };
  const pool = servingThreadsOf(modelServer);
  const socket = await pool.bind({ title: 'REST', host, port });
  const counts = new RequestCounts();
  const service = await pool.start({
    threads,
    title: 'The REST API',
    module: builtModuleUrl('./rest-thread.js', import.meta.url),
    data,
    descriptor: socket.descriptor,
    handlers: {
      metrics: async (): Promise<string> => {
        if (metrics !== undefined) {
          await pool.flush();
          return metrics.metrics();
        }
        for (const rows of await service.callEach<RequestCountRow[]>('takeCounts')) counts.add(rows);
        return counts.metrics();
      },
    },
  });
  let isClosed = false;
  return {
    get address() {
      if (isClosed) throw new ServingError('FAILED_PRECONDITION', 'The REST server is closed');
      return { address: socket.host, port: socket.port };
    },
    drain: () => service.drain(),
    close: async (limit) => {
      isClosed = true;
      service.drain();
      await service.close(limit);
    },
  };
}
