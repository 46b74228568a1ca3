/** How requests to a model are logged, as a user says it (tensorflow.serving.LoggingConfig). */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { strictOptions } from '../server/config/invalid-config.js';
import type { LogCollector } from './log-collector.js';
import type { PredictionLog } from './prediction-log.js';

/** Which collector, and what it is told. */
export interface LogCollectorConfig {
  /** A type of the server's `logCollectors`. */
  readonly type: string;
  /** What the names of its files begin with, folders included; for collectors without files as they like. Default `''`. */
  readonly filenamePrefix?: string;
}

/** Another rate for some of the servers that share a configuration. */
export interface PerTaskSamplingConfig {
  /** Default: any. */
  readonly dc?: string;
  /** Default: any. */
  readonly taskIndex?: number;
  readonly samplingRate: number;
}

/** Which requests are logged: each independently of the others. */
export interface SamplingConfig {
  /** The probability of each request: 1 or more logs all, 0 or less none. */
  readonly samplingRate: number;
  /** Bits that the log's metadata repeat, for its readers. Default 0. */
  readonly attributes?: number;
  /** The first that is for this server's `task` has its rate count. Default: none. */
  readonly perTaskSamplingConfigs?: readonly PerTaskSamplingConfig[];
}

/** How the requests to a model are logged. Either {@link logCollectorConfig} or {@link logCollector} says where they go. */
export interface LoggingConfig {
  readonly logCollectorConfig?: LogCollectorConfig;
  /** It stays its owner's, and may be given to several models and servers: it is flushed, not closed. */
  readonly logCollector?: LogCollector | ((log: PredictionLog) => unknown);
  readonly samplingConfig: SamplingConfig;
  /** For a collector's factory that knows it; nobody else looks at it. */
  readonly customLoggingConfig?: { readonly typeUrl: string; readonly value: Uint8Array };
}

/** Which of the servers that share a configuration a server is. */
export interface ServerTask {
  /** Its data centre. */
  readonly dc?: string;
  /** Its number among the servers there. */
  readonly taskIndex?: number;
}

export function loggingConfigSchema(): z.ZodType<LoggingConfig> {
  const samplingRate = z.number();
  return strictOptions({
    logCollectorConfig: strictOptions({ type: z.string(), filenamePrefix: z.string().exactOptional() }).exactOptional(),
    logCollector: z
      .custom<LogCollector | ((log: PredictionLog) => unknown)>(
        isLogCollector,
        'expected a function, or an object with collect',
      )
      .exactOptional(),
    samplingConfig: strictOptions({
      samplingRate,
      attributes: z.int().exactOptional(),
      perTaskSamplingConfigs: z
        .array(strictOptions({ dc: z.string().exactOptional(), taskIndex: z.int().exactOptional(), samplingRate }))
        .exactOptional(),
    }),
    customLoggingConfig: strictOptions({ typeUrl: z.string(), value: z.instanceof(Uint8Array) }).exactOptional(),
  }).refine(
    ({ logCollectorConfig, logCollector }) => (logCollectorConfig === undefined) !== (logCollector === undefined),
    {
      message: 'expected either logCollectorConfig or logCollector',
    },
  );
}

export function serverTaskSchema(): z.ZodType<ServerTask> {
  return strictOptions({ dc: z.string().exactOptional(), taskIndex: z.int().exactOptional() });
}

/** Collectors of one's own are the same only when they are one object: what they hold inside doesn't show. */
export function isSameLoggingConfig(a: LoggingConfig, b: LoggingConfig): boolean {
  return a.logCollector === b.logCollector && isDeepStrictEqual(a, b);
}

function isLogCollector(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'collect') === 'function';
}
