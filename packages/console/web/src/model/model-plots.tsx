/** The plots of a model. */
import type { JSX } from 'preact';
import type { StageName } from '../../../src/api/console-api.js';
import type { RangeSamples } from '../live/model-history.js';
import { durationText, threeDigits } from '../shell/format.js';
import { Panel } from '../ui/panel.js';
import { Plot, type PlotSeries } from '../ui/plot.js';

interface HistoryProps {
  readonly history: RangeSamples;
}

export function RatePlot({ history }: HistoryProps): JSX.Element {
  const { samples, secondsPerSample } = history;
  return (
    <HistoryPanel
      title="Requests per second"
      history={history}
      format={threeDigits}
      series={[
        {
          label: 'answered',
          color: '--series-1',
          values: samples.map(({ requests }) => requests / secondsPerSample),
          isFilled: true,
        },
        { label: 'failed', color: '--series-bad', values: samples.map(({ errors }) => errors / secondsPerSample) },
        { label: 'in flight', color: '--series-3', values: samples.map(({ inFlight }) => inFlight) },
      ]}
    />
  );
}

export function LatencyPlot({ history }: HistoryProps): JSX.Element {
  const { samples } = history;
  return (
    <HistoryPanel
      title="Latency"
      history={history}
      format={durationText}
      series={[
        { label: 'p50', color: '--series-1', values: samples.map(({ latency }) => latency?.p50 ?? null) },
        { label: 'p95', color: '--series-2', values: samples.map(({ latency }) => latency?.p95 ?? null) },
        { label: 'p99', color: '--series-4', values: samples.map(({ latency }) => latency?.p99 ?? null) },
      ]}
    />
  );
}

const STAGES: readonly StageName[] = ['decode', 'queue', 'run', 'encode'];

export function StagePlot({ history }: HistoryProps): JSX.Element {
  return (
    <HistoryPanel
      title="Mean time by stage"
      history={history}
      format={durationText}
      series={STAGES.map((stage, i) => ({
        label: stage,
        color: `--series-${i + 1}`,
        values: history.samples.map(({ stages }) => stages[stage] ?? null),
      }))}
    />
  );
}

interface HistoryPanelProps extends HistoryProps {
  readonly title: string;
  readonly series: readonly PlotSeries[];
  readonly format: (value: number) => string;
}

function HistoryPanel({ title, history, series, format }: HistoryPanelProps): JSX.Element {
  const { samples, from, until } = history;
  return (
    <Panel title={title}>
      <Plot
        title={title}
        times={samples.map(({ time }) => time)}
        from={from}
        until={until}
        series={series}
        format={format}
      />
    </Panel>
  );
}
