/** What was measured as a table, and the configuration to paste. */
import type { ModelConfig } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import { summarizeLatencies } from '../bench/latency-summary.js';
import type { Comparison } from './tune-comparison.js';
import { settingsText, type TuneSettings } from './tune-settings.js';
import { type ConfigurationFile, commandOf } from './tuned-command.js';
import { typeScriptOf } from './tuned-typescript.js';
import type { Slice, TuneRecord, TuneResult } from './tuner.js';

/** What `serving tune --json` prints. */
export interface TuneReport {
  readonly model: string;
  readonly protocol: string;
  readonly connections: number;
  /** What the requests are. */
  readonly requests: string;
  readonly goal: string;
  readonly isStopped: boolean;
  readonly configurations: readonly MeasuredConfiguration[];
  /** Absent when the measurement was stopped. */
  readonly recommended?: RecommendedConfiguration;
  readonly remarks: readonly string[];
}

/** Figures of a configuration; those of one that failed are absent. */
interface MeasuredConfiguration {
  readonly name: string;
  readonly settings: TuneSettings;
  /** To the default's, in the same rounds, by the goal; absent for the default itself. */
  readonly toDefault?: Omit<Comparison, 'isBetter'>;
  readonly requestsPerSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Processor time of the server; absent where the system does not report it. */
  readonly cpuMicrosPerRequest?: number;
  readonly residentMegabytes?: number;
  readonly failure?: string;
}

interface RecommendedConfiguration {
  /** Whether nothing is better than the default by more than the noise. */
  readonly isDefault: boolean;
  readonly name: string;
  readonly command: string;
  readonly files: readonly ConfigurationFile[];
  readonly typeScript: string;
}

/** The report without the result. */
export type ReportHead = Pick<TuneReport, 'protocol' | 'connections' | 'requests' | 'goal' | 'remarks'>;

export function tuneReport(result: TuneResult, model: ModelConfig, base: TuneSettings, head: ReportHead): TuneReport {
  return {
    model: model.name,
    ...head,
    isStopped: result.isStopped,
    configurations: result.records.map(measured),
    ...(!result.isStopped && { recommended: recommended(result, base, model, head.protocol) }),
  };
}

function measured({ settings, slices, toBase, failure }: TuneRecord): MeasuredConfiguration {
  const name = settingsText(settings);
  if (failure !== undefined) return { name, settings, failure: `${failure.code}: ${failure.message}` };
  if (slices.length === 0) return { name, settings };
  const latencies = slices.flatMap((slice) => slice.latencies);
  const { p50, p99 } = summarizeLatencies(latencies);
  const elapsedMs = slices.reduce((sum, slice) => sum + slice.elapsedMs, 0);
  const cpu = cpuSeconds(slices);
  const resident = slices.at(-1)!.residentBytes;
  return {
    name,
    settings,
    ...(toBase && { toDefault: { median: toBase.median, lowest: toBase.lowest, highest: toBase.highest } }),
    requestsPerSecond: (latencies.length * 1000) / elapsedMs,
    p50Ms: p50,
    p99Ms: p99,
    ...(cpu !== undefined && { cpuMicrosPerRequest: (cpu * 1e6) / latencies.length }),
    ...(resident !== undefined && { residentMegabytes: resident / 1e6 }),
  };
}

function cpuSeconds(slices: readonly Slice[]): number | undefined {
  return slices.reduce<number | undefined>(
    (sum, slice) => (sum === undefined || slice.cpuSeconds === undefined ? undefined : sum + slice.cpuSeconds),
    0,
  );
}

function recommended(
  { best }: TuneResult,
  base: TuneSettings,
  model: ModelConfig,
  protocol: string,
): RecommendedConfiguration {
  const settings = best ?? base;
  const { flags, files } = commandOf(settings, model.platform === 'onnx');
  const isGrpc = protocol === 'grpc';
  const words = [
    isGrpc ? '--port=8500' : '--rest_api_port=8501',
    `--model_name=${model.name}`,
    `--model_base_path=${model.basePath}`,
    ...(model.unversionedBasePath ? ['--unversioned_base_path'] : []),
    ...(model.platform === 'onnx' ? ['--model_platform=onnx'] : []),
    ...flags,
  ];
  return {
    isDefault: best === undefined,
    name: settingsText(settings),
    command: ['npx tensorflow_model_server', ...words.map(shellWord)].join(' \\\n  '),
    files,
    typeScript: typeScriptOf(settings, model, isGrpc),
  };
}

function shellWord(word: string): string {
  return /^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const columns = ['configuration', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs', 'MB', 'to default'];

export function tuneTable(report: TuneReport): string {
  const { configurations, recommended: found } = report;
  const rows = configurations.map((each) => [
    each.name,
    figure(each.requestsPerSecond, 0),
    figure(each.p50Ms, 2),
    figure(each.p99Ms, 2),
    figure(each.cpuMicrosPerRequest, 0),
    figure(each.residentMegabytes, 0),
    each.failure === undefined ? ratio(each.toDefault) : 'failed',
  ]);
  const widths = columns.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  const failures = configurations.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`${name}: ${oneLine(failure)}`],
  );
  return [
    `${report.model} by ${report.protocol}, ${report.connections} requests at a time: ${report.requests}`,
    '',
    line(columns),
    ...rows.map(line),
    '',
    ...[...failures, ...report.remarks].flatMap((remark) => [remark, '']),
    ...(found === undefined ? ['Stopped before the end: no recommendation.'] : recommendation(found)),
    '',
  ].join('\n');
}

function recommendation({ isDefault, name, command, files, typeScript }: RecommendedConfiguration): string[] {
  return [
    `Recommended: ${name}`,
    ...(isDefault ? ['Nothing else is better by more than the noise.'] : []),
    '',
    command,
    '',
    ...files.flatMap((file) => [`${file.name}:`, file.text]),
    'In an application:',
    '',
    typeScript.trimEnd(),
  ];
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

function ratio(comparison: Omit<Comparison, 'isBetter'> | undefined): string {
  if (comparison === undefined) return '-';
  const { median, lowest, highest } = comparison;
  return `${median.toFixed(2)} × (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
}

function oneLine(text: string): string {
  return printableLine(text.replace(/\s+/g, ' ')).slice(0, 300);
}
