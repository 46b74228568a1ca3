/** How late and how busy the event loop is: what requests wait for before they are read. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Gauge, type Metric } from './metric.js';

/** Measures from now on until it is closed; it doesn't keep the process alive. */
export interface EventLoopMetrics {
  readonly metrics: readonly Metric[];
  close(): void;
}

/** Both cover the time since they were last read. */
export function eventLoopMetrics(): EventLoopMetrics {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let last = performance.eventLoopUtilization();
  // The histogram holds whole intervals: the requested wait and the delay.
  const micros = (nanos: number): number => Math.max(0, Math.round(nanos / 1000) - RESOLUTION_MS * 1000);
  const delay = new Gauge(
    {
      name: '/serving/event_loop_delay',
      help: 'Microseconds by which timers were late since the last look.',
      labels: ['quantile'],
    },
    () => {
      if (delays.count === 0) return [];
      const read = ['0.5', '0.99', '1'].map(
        (quantile) => [[quantile], micros(delays.percentile(Number(quantile) * 100))] as const,
      );
      delays.reset();
      return read;
    },
  );
  const utilization = new Gauge(
    {
      name: '/serving/event_loop_utilization',
      help: 'Share of the time since the last look that was busy.',
      labels: [],
    },
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization: busy } = performance.eventLoopUtilization(now, last);
      last = now;
      return [[[], Math.round(busy * 1000) / 1000]];
    },
  );
  return { metrics: [delay, utilization], close: () => delays.disable() };
}

const RESOLUTION_MS = 10;
