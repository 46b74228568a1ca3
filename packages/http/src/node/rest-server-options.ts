/** The options of a REST server, and what is checked of them before it listens. */
import { createSecureContext } from 'node:tls';
import { ServingError } from '@serving/core';
import { checkOptions, descriptorLimit, type OptionsTable, optionKinds } from '@serving/core/internal';
import type { ConnectionLimitValues } from '../connections/connection-limits.js';
import { checkRestApiOptions, type HttpRestApiOptions } from '../rest/http-rest-api-options.js';

/** Where to listen, and the options of the REST API. For limits of time and number, `false` means unlimited. */
export interface RestServerOptions extends HttpRestApiOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. `::` is every interface. */
  readonly host?: string;
  /**
   * Threads that serve, all with the same loaded models: each has its own listener, decodes, batches, runs and encodes. `auto` is one per
   * processor, or one on Windows and for platforms whose models run in one thread only. Default: 1, the thread that listens.
   */
  readonly threads?: number | 'auto';
  /** PEM texts for HTTPS. Default: plain HTTP. */
  readonly tls?: RestTlsOptions;
  /**
   * Milliseconds that a connection is kept for its next request. Longer than a proxy in front keeps it (60 s for many), so that
   * the proxy never sends a request on a connection that closes. Default 75000.
   */
  readonly keepAliveTimeoutMs?: number | false;
  /**
   * Milliseconds without a byte of a request's headers or body after which it is answered with 408 and the connection
   * closes. Default 30000.
   */
  readonly requestStallTimeoutMs?: number | false;
  /** Milliseconds in which a client takes no byte of its answer, after which its connection closes. Default 30000. */
  readonly responseStallTimeoutMs?: number | false;
  /**
   * Connections at once, at most half of the file descriptors that the process may open. A further one takes the place of the
   * one that has been idle the longest; when none is idle it is closed. Default 10000.
   */
  readonly maxConnections?: number | false;
  /**
   * Bytes of answers that clients have not taken, of all connections together. Beyond it those that have taken nothing for
   * the longest time are closed. Default 512 MiB.
   */
  readonly maxUnsentBytes?: number | false;
}

const listenRows = {
  port: { ...optionKinds.port, isRequired: true, default: 'required', meaning: '0 lets the system choose' },
  host: { ...optionKinds.text, default: '`127.0.0.1`', meaning: '`::` is every interface' },
  tls: {
    ...optionKinds.object('[below](#rest-tls)', 'an object with key and cert'),
    default: 'plain HTTP',
    meaning: 'HTTPS',
  },
  threads: {
    ...optionKinds.threads,
    default: 1,
    meaning:
      '[serving threads](../guides/deployment.md#serving-threads), with one loaded model; `auto` is one per processor',
  },
  keepAliveTimeoutMs: {
    ...optionKinds.positiveOrFalse,
    default: 75_000,
    meaning:
      'how long a connection is kept for its next request: [longer than a proxy keeps it](../guides/deployment.md#keep-alive)',
  },
  requestStallTimeoutMs: {
    ...optionKinds.positiveOrFalse,
    default: 30_000,
    meaning: 'a request of which no byte comes for so long is answered with 408',
  },
  responseStallTimeoutMs: {
    ...optionKinds.positiveOrFalse,
    default: 30_000,
    meaning: 'a client that takes no byte of its answer for so long is cut off',
  },
  maxConnections: {
    ...optionKinds.positiveOrFalse,
    default: 10_000,
    meaning:
      "connections at once, at most half of the process's file descriptors; a further one takes the place of the longest idle",
  },
  maxUnsentBytes: {
    ...optionKinds.positiveOrFalse,
    default: 512 * 1024 ** 2,
    meaning: 'answers that clients have not taken, all connections together; beyond it the slowest are cut off',
  },
} satisfies RestListenTable;

type RestListenTable = OptionsTable<Omit<RestServerOptions, keyof HttpRestApiOptions>>;

/** The options of {@link RestServer.listen} beside those of the REST API. */
export const restListenOptions: RestListenTable = listenRows;

/** Options for `node:https`. */
export interface RestTlsOptions {
  readonly key: string;
  readonly cert: string;
  /** The authorities for clients' certificates. Default: those that Node trusts. */
  readonly ca?: string;
  /** Whether clients must have a certificate. Default false. */
  readonly requireClientCert?: boolean;
}

const pem = { ...optionKinds.text, type: 'PEM text' };

/** The options of `tls` by name. */
export const restTlsOptions: OptionsTable<RestTlsOptions> = {
  key: { ...pem, isRequired: true, default: 'required', meaning: "the server's key" },
  cert: { ...pem, isRequired: true, default: 'required', meaning: "the server's certificate" },
  ca: { ...pem, default: "Node's", meaning: "authorities for clients' certificates" },
  requireClientCert: { ...optionKinds.boolean, default: false, meaning: 'whether clients must have one' },
};

/** @throws ServingError `INVALID_ARGUMENT` for wrong options, and for TLS texts other than a key, a certificate and an authority. */
export function checkRestServerOptions(options: RestServerOptions): void {
  checkRestApiOptions(options, restListenOptions);
  if (options.tls) checkTls(options.tls);
}

/** @throws ServingError `INVALID_ARGUMENT` for texts other than a key, a certificate and an authority. */
function checkTls(options: RestTlsOptions): void {
  checkOptions(options, restTlsOptions, '"tls" of RestServer.listen()');
  const { key, cert, ca } = options;
  if (key === '' || cert === '') {
    throw new ServingError('INVALID_ARGUMENT', 'TLS for REST: expected a key and a certificate, as PEM texts');
  }
  try {
    createSecureContext({ key, cert, ...(ca !== undefined && { ca }) });
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `TLS for REST: ${(cause as Error).message}`, { cause });
  }
}

/** The limits of a server's connections, with their defaults. */
export interface RestServerLimits extends ConnectionLimitValues {
  readonly keepAliveTimeoutMs: number | false;
}

export async function restServerLimits(options: RestServerOptions): Promise<RestServerLimits> {
  const limitOf = <N extends keyof RestServerLimits>(name: N): number | false =>
    options[name] ?? listenRows[name].default;
  const limits = {
    keepAliveTimeoutMs: limitOf('keepAliveTimeoutMs'),
    requestStallTimeoutMs: limitOf('requestStallTimeoutMs'),
    responseStallTimeoutMs: limitOf('responseStallTimeoutMs'),
    maxConnections: limitOf('maxConnections'),
    maxUnsentBytes: limitOf('maxUnsentBytes'),
  };
  const descriptors = await descriptorLimit();
  if (descriptors === undefined || limits.maxConnections === false) return limits;
  return { ...limits, maxConnections: Math.min(limits.maxConnections, Math.max(1, Math.floor(descriptors / 2))) };
}
