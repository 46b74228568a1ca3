/** Lines over time, drawn by uPlot in the page's colours. */

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockText } from '../shell/format.js';
import { colorsChanged } from '../shell/theme.js';

export interface PlotSeries {
  readonly label: string;
  /** A custom property of the style sheet, such as `--series-1`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** Whether the area below is filled. */
  readonly isFilled?: boolean;
}

export interface PlotProps {
  /** What the plot shows, for screen readers. */
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  readonly from: number;
  readonly until: number;
  readonly series: readonly PlotSeries[];
  readonly format: (value: number) => string;
  readonly height?: number;
}

/** Shorter plots have seconds in their times. */
const SECONDS_SHOWN_MS = 240_000;

/** One plot; its legend shows the values under the pointer, otherwise the latest. */
export function Plot(props: PlotProps): JSX.Element {
  const { title, times, series, format, height = 150 } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  latest.current = props;
  const colors = colorsChanged.value;
  const labels = series.map(({ label }) => label).join();

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(latest, element, height), dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [labels, colors, height]);

  useEffect(() => {
    plot.current?.setData(dataOf(props));
  });

  const last = series
    .map(({ label, values }) => {
      const value = values.findLast((known) => known !== null);
      return `${label} ${value === undefined || value === null ? 'none' : format(value)}`;
    })
    .join(', ');
  return (
    <figure class="plot">
      <div ref={host} role="img" aria-label={`${title}, ${times.length} samples; latest: ${last}`} />
    </figure>
  );
}

function dataOf({ times, series }: PlotProps): uPlot.AlignedData {
  return [times.map((time) => time / 1000), ...series.map(({ values }) => [...values])];
}

function optionsOf(props: { readonly current: PlotProps }, host: HTMLElement, height: number): uPlot.Options {
  const style = getComputedStyle(host);
  // A canvas takes no variables: the host's own colour resolves them.
  const color = (name: string): string => {
    host.style.color = `var(${name})`;
    return style.color;
  };
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: color('--muted'),
    font,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: host.clientWidth || 300,
    height,
    pxAlign: 1,
    padding: [10, 20, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    legend: { live: true },
    scales: {
      x: { range: () => [props.current.from / 1000, props.current.until / 1000] },
      y: { range: (_, __, max) => [0, (max || 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        values: (_, splits) =>
          splits.map((time) =>
            clockText(time * 1000).slice(0, props.current.until - props.current.from > SECONDS_SHOWN_MS ? 5 : 8),
          ),
      },
      { ...axis, size: 58, space: 28, values: (_, splits) => splits.map((value) => props.current.format(value)) },
    ],
    series: [
      { value: (_, time) => clockText((time ?? props.current.until / 1000) * 1000) },
      ...props.current.series.map(
        ({ label, color: name, isFilled }): uPlot.Series => ({
          label,
          stroke: color(name),
          width: 1.5,
          points: { show: false },
          spanGaps: false,
          ...(isFilled && { fill: color(name).replace(')', ', 0.16)') }),
          value: (plot, value, index) => {
            const shown = value ?? (plot.data[index] as (number | null)[] | undefined)?.at(-1);
            return shown === null || shown === undefined ? '–' : props.current.format(shown);
          },
        }),
      ),
    ],
  };
}
