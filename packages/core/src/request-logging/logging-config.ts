/** How requests to a model are logged, as a user configures it (tensorflow.serving.LoggingConfig). */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { strictOptions } from '../server/config/invalid-config.js';
import { type OptionText, schemaOfRows, schemaRow } from '../server/config/schema-rows.js';
import type { LogCollector } from './log-collector.js';
import type { PredictionLog } from './prediction-log.js';

/** A registered collector, and its options. */
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

/** How the requests to a model are logged. Either {@link logCollectorConfig} or {@link logCollector} is their destination. */
export interface LoggingConfig {
  readonly logCollectorConfig?: LogCollectorConfig;
  /** It stays its owner's, and may be given to several models and servers: it is flushed, not closed. */
  readonly logCollector?: LogCollector | ((log: PredictionLog) => unknown);
  readonly samplingConfig: SamplingConfig;
  /** For the collector's factory alone. */
  readonly customLoggingConfig?: { readonly typeUrl: string; readonly value: Uint8Array };
}

/** Which of the servers that share a configuration a server is. */
export interface ServerTask {
  /** Its data centre. */
  readonly dc?: string;
  /** Its number among the servers there. */
  readonly taskIndex?: number;
}

const samplingRate = z.number();

const samplingRows = {
  samplingRate: schemaRow({
    schema: samplingRate,
    type: 'number',
    default: 'required',
    meaning: 'probability of each request; 1 or more logs all, 0 or less none',
  }),
  attributes: schemaRow({
    schema: z.int().exactOptional(),
    type: 'integer',
    default: '0',
    meaning: 'bits that metadata repeat',
  }),
  perTaskSamplingConfigs: schemaRow({
    schema: z
      .array(strictOptions({ dc: z.string().exactOptional(), taskIndex: z.int().exactOptional(), samplingRate }))
      .exactOptional(),
    type: '`{ dc?, taskIndex?, samplingRate }[]`',
    default: 'none',
    meaning: "the first that is for the server's `task` has its rate count",
  }),
};

const loggingRows = {
  logCollectorConfig: schemaRow({
    schema: strictOptions({ type: z.string(), filenamePrefix: z.string().exactOptional() }).exactOptional(),
    type: '`{ type, filenamePrefix? }`',
    default: 'none',
    meaning: 'a type of `logCollectors`, and what the names of its files begin with; this or the next',
  }),
  logCollector: schemaRow({
    schema: z
      .custom<LogCollector | ((log: PredictionLog) => unknown)>(
        isLogCollector,
        'expected a function, or an object with collect',
      )
      .exactOptional(),
    type: 'function, or object with `collect`',
    default: 'none',
    meaning: "a collector of one's own",
  }),
  samplingConfig: schemaRow({
    schema: schemaOfRows(samplingRows),
    type: '[below](#sampling)',
    default: 'required',
    meaning: 'which requests',
  }),
  customLoggingConfig: schemaRow({
    schema: strictOptions({ typeUrl: z.string(), value: z.instanceof(Uint8Array) }).exactOptional(),
    type: '`{ typeUrl, value }`',
    default: 'none',
    meaning: "for a collector's factory that knows it",
  }),
};

/** The rows of the options in the docs, by heading. */
export const loggingOptionTexts: Readonly<Record<'Logging' | 'Sampling', Readonly<Record<string, OptionText>>>> = {
  Logging: loggingRows,
  Sampling: samplingRows,
};

export function loggingConfigSchema(): z.ZodType<LoggingConfig> {
  return schemaOfRows(loggingRows).refine(
    ({ logCollectorConfig, logCollector }) => (logCollectorConfig === undefined) !== (logCollector === undefined),
    { message: 'expected either logCollectorConfig or logCollector' },
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
