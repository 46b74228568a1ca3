/** The result of a measurement as a table. */
import type { LatencySummary } from './latency-summary.js';

/** What `serving bench --json` prints. */
export interface BenchReport {
  readonly model: string;
  readonly protocol: string;
  /** Bytes of a request; absent over gRPC. */
  readonly requestBytes?: number;
  readonly loop: { readonly connections: number } | { readonly requestsPerSecond: number };
  readonly seconds: number;
  readonly requests: number;
  readonly failures: number;
  readonly firstError?: string;
  readonly requestsPerSecond: number;
  readonly latencyMs: LatencySummary;
  /** Microseconds of processor time for each request; the server's only where its process is known. */
  readonly cpuMicrosPerRequest: { readonly generator: number; readonly server?: number };
}

export function benchTable(report: BenchReport): string {
  const { latencyMs: latency, cpuMicrosPerRequest: cpu, loop } = report;
  const how =
    'connections' in loop
      ? `closed loop, ${loop.connections} at a time`
      : `open loop, ${loop.requestsPerSecond} a second`;
  const size = report.requestBytes === undefined ? '' : `, ${report.requestBytes} bytes a request`;
  const rows: (readonly [string, string])[] = [
    ['requests', `${report.requests} in ${report.seconds.toFixed(1)} s, ${report.failures} failed`],
    ['requests/s', report.requestsPerSecond.toFixed(1)],
    ...Object.entries(latency).map(
      ([name, value]) => [`latency ${labels[name] ?? name}`, `${value.toFixed(2)} ms`] as const,
    ),
    [
      'processor, server',
      cpu.server === undefined ? 'unknown: --pid names its process' : `${cpu.server.toFixed(0)} µs a request`,
    ],
    ['processor, this load', `${cpu.generator.toFixed(0)} µs a request`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const failed = report.firstError === undefined ? [] : [`first failure: ${report.firstError}`];
  return `${[`${report.model} by ${report.protocol}, ${how}${size}`, ...lines, ...failed].join('\n')}\n`;
}

const labels: Readonly<Record<string, string>> = { p999: 'p99.9' };
