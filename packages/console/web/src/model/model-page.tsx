/** How a model is doing: rates, latencies, errors, stages and batches, every second. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { models } from '../live/console-store.js';
import { RANGES, type Range, useModelHistory } from '../live/model-history.js';
import { countText, durationText } from '../shell/format.js';
import { hrefOf } from '../shell/routes.js';
import { Choice } from '../ui/choice.js';
import { StateBadge } from '../ui/state-badge.js';
import { Tile, Tiles } from '../ui/tiles.js';
import { BatchPanel } from './batch-panel.js';
import { ErrorPanel } from './error-panel.js';
import { LatencyPlot, RatePlot, StagePlot } from './model-plots.js';
import { sumOf } from './sample-sum.js';

export function ModelPage({ name }: { readonly name: string }): JSX.Element {
  const [range, setRange] = useState<Range>('minutes');
  const history = useModelHistory(name, range);
  const info = models.value.find((model) => model.name === name);
  if (info === undefined && models.value.length > 0) {
    return (
      <>
        <h1>{name}</h1>
        <p class="empty">
          The server has no model of this name. <a href="#/">See the models</a>
        </p>
      </>
    );
  }
  const samples = history?.samples ?? [];
  const last = samples.at(-1);
  const seconds = history?.secondsPerSample ?? 1;
  const sum = sumOf(samples);
  const latency = samples.findLast((sample) => sample.latency !== undefined)?.latency;
  return (
    <>
      <div class="title">
        <h1>{name}</h1>
        <p class="facts">
          {info?.versions
            .filter(({ state }) => state !== 'END')
            .map((version) => (
              <span key={version.version}>
                {version.version} <StateBadge state={version.state} hasFailed={version.error !== undefined} />
              </span>
            ))}
        </p>
        <nav aria-label={`Pages of ${name}`}>
          <a class="button" href={hrefOf({ page: 'try', model: name })}>
            Try it
          </a>
          <a class="button" href={hrefOf({ page: 'compare', model: name })}>
            Compare
          </a>
        </nav>
      </div>
      <Tiles label="This second">
        <Tile
          name="Requests"
          value={`${countText((last?.requests ?? 0) / seconds)}/s`}
          note={`${countText(sum.requests)} shown`}
        />
        <Tile name="In flight" value={countText(last?.inFlight ?? 0)} />
        <Tile name="p50" value={latency ? durationText(latency.p50) : '–'} />
        <Tile name="p95" value={latency ? durationText(latency.p95) : '–'} />
        <Tile name="p99" value={latency ? durationText(latency.p99) : '–'} />
        <Tile
          name="Errors"
          value={`${countText((last?.errors ?? 0) / seconds)}/s`}
          tone={last && last.errors > 0 ? 'bad' : undefined}
          note={`${countText(sum.errors)} shown`}
        />
      </Tiles>
      {history && sum.requests === 0 && (
        <p class="empty">
          No requests in this time. <a href={hrefOf({ page: 'try', model: name })}>Try it</a> sends one.
        </p>
      )}
      <Choice label="Shown" options={RANGES} value={range} onChange={setRange} />
      {history && (
        <div class="panels">
          <RatePlot history={history} />
          <LatencyPlot history={history} />
          <StagePlot history={history} />
          <ErrorPanel sum={sum} />
          <BatchPanel sum={sum} isBatched={info?.isBatched ?? false} />
        </div>
      )}
    </>
  );
}
