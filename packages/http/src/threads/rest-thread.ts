/** The REST API in one serving thread. Loaded by its URL. */
import type { ThreadServiceModule } from '@serving/core/internal';
import { HttpHandler } from '../http-handler.js';
import { HttpListener } from '../node/http-listener.js';
import type { RestServerLimits, RestTlsOptions } from '../node/rest-server-options.js';
import type { HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import { RequestCounts } from '../rest/request-counts.js';

/** What each thread is given. */
export interface RestThreadData {
  readonly options: Omit<HttpRestApiOptions, 'metrics' | 'clock'>;
  /** Already a thread's share. */
  readonly limits: RestServerLimits;
  readonly tls: RestTlsOptions | undefined;
  /** Of the page that the main thread makes; `undefined` for counts of requests. */
  readonly metricsContentType: string | undefined;
}

export const startThreadService: ThreadServiceModule['startThreadService'] = async (context) => {
  const { server, data, descriptor: fd, call, support } = context;
  const { options, limits, tls, metricsContentType } = data as RestThreadData;
  const hasPage = metricsContentType !== undefined || options.prometheusPath !== undefined;
  const counts = hasPage && metricsContentType === undefined ? new RequestCounts() : undefined;
  const metrics = { metrics: () => call<string>('metrics'), contentType: metricsContentType ?? 'text/plain' };
  const api = new HttpHandler(server, { ...options, ...(hasPage && { metrics }) }, counts);
  const listener = await HttpListener.listen({ api, limits, tls, support, isShared: true }, { fd: fd! });
  return {
    drain: () => listener.drain(),
    close: (limit) => listener.close(limit),
    handlers: { takeCounts: () => counts?.take() ?? [] },
  };
};
