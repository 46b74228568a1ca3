/** What the server serves: each model's versions with their states, engines and loads. */
import type { JSX } from 'preact';
import type { ModelInfo } from '../../../src/api/console-api.js';
import { latestTick, models, server, serverNow, totals } from '../live/console-store.js';
import { bytesText, countText, durationText, percentText, spanText } from '../shell/format.js';
import { hrefOf } from '../shell/routes.js';
import { Tile, Tiles } from '../ui/tiles.js';
import { trackOf } from './state-track.js';
import { VersionRow } from './version-row.js';

export function ModelsPage(): JSX.Element {
  const list = models.value;
  return (
    <>
      <h1>Models</h1>
      <Summary />
      {list.length === 0 && (
        <p class="empty">No model is configured. Add one to the server's configuration, and it appears here.</p>
      )}
      <div class="models">
        {list.map((model) => (
          <ModelCard key={model.name} model={model} />
        ))}
      </div>
    </>
  );
}

function Summary(): JSX.Element {
  const process = latestTick.value?.process;
  const { requests, errors, inFlight } = totals.value;
  const versions = models.value.flatMap((model) => model.versions);
  const available = versions.filter(({ state }) => state === 'AVAILABLE').length;
  const info = server.value;
  return (
    <Tiles label="Summary">
      <Tile name="Versions available" value={countText(available)} note={`in ${models.value.length} models`} />
      <Tile name="Requests" value={`${countText(requests)}/s`} note={`${countText(inFlight)} in flight`} />
      <Tile name="Errors" value={`${countText(errors)}/s`} tone={errors > 0 ? 'bad' : undefined} />
      <Tile name="Processor" value={percentText(process?.cpu ?? 0)} note={`of one core; ${info?.cpus ?? '?'} cores`} />
      <Tile name="Memory" value={bytesText(process?.rssBytes ?? 0)} note="resident" />
      <Tile name="Event loop delay" value={durationText(process?.eventLoopP99Ms ?? 0)} note="99th percentile" />
      <Tile name="Up for" value={info ? spanText(serverNow() - info.startTime) : '–'} note={info?.state} />
    </Tiles>
  );
}

function ModelCard({ model }: { readonly model: ModelInfo }): JSX.Element {
  const id = `model-${model.name}`;
  const sample = latestTick.value?.models[model.name];
  const now = latestTick.value?.time ?? serverNow();
  const isUp = model.defaultVersion !== undefined;
  return (
    <article class="card model" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          <a href={hrefOf({ page: 'model', model: model.name })}>{model.name}</a>
        </h2>
        <p class="facts">
          {model.platform && <span>{model.platform}</span>}
          {model.policy && <span>policy: {model.policy}</span>}
          {model.isBatched && <span>batched</span>}
          <span>{sample ? `${countText(sample.requests)} requests/s` : 'idle'}</span>
        </p>
        {isUp && (
          <nav aria-label={`Pages of ${model.name}`}>
            <a class="button" href={hrefOf({ page: 'try', model: model.name })}>
              Try it
            </a>
          </nav>
        )}
      </header>
      {model.isParked && <p class="notice info">Unloaded by request; it stays configured.</p>}
      {model.problems.map((problem) => (
        <p key={problem} class="notice warning">
          {problem}
        </p>
      ))}
      <ul class="versions" aria-label={`Versions of ${model.name}`}>
        {model.versions.map((version) => (
          <VersionRow
            key={version.version}
            version={version}
            isDefault={version.version === model.defaultVersion}
            track={trackOf(model, now)}
          />
        ))}
      </ul>
    </article>
  );
}
