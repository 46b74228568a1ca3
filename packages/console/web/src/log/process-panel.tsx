/** The process and the libraries in it. */
import type { ComponentChildren, JSX } from 'preact';
import { latestTick, processHistory, server } from '../live/console-store.js';
import { LEAST_MS } from '../live/model-history.js';
import { bytesText, durationText, percentText } from '../shell/format.js';
import { Panel } from '../ui/panel.js';
import { Plot } from '../ui/plot.js';

const SHOWN_MS = 300_000;

export function ProcessPanel(): JSX.Element {
  const until = latestTick.value?.time ?? Date.now();
  const samples = processHistory.value.filter(({ time }) => time > until - SHOWN_MS);
  const from = Math.min(samples[0]?.time ?? until, until - LEAST_MS);
  const frame = { times: samples.map(({ time }) => time), from, until };
  return (
    <>
      <Panel title="Memory">
        <Plot
          {...frame}
          title="Memory"
          format={bytesText}
          series={[
            { label: 'resident', color: '--series-1', values: samples.map(({ rssBytes }) => rssBytes), isFilled: true },
            {
              label: 'JavaScript heap',
              color: '--series-2',
              values: samples.map(({ heapUsedBytes }) => heapUsedBytes),
            },
            { label: 'buffers', color: '--series-3', values: samples.map(({ externalBytes }) => externalBytes) },
          ]}
        />
      </Panel>
      <Panel title="Event loop delay">
        <Plot
          {...frame}
          title="Event loop delay"
          format={durationText}
          series={[
            { label: 'largest', color: '--series-4', values: samples.map(({ eventLoopMaxMs }) => eventLoopMaxMs) },
            { label: 'p99', color: '--series-1', values: samples.map(({ eventLoopP99Ms }) => eventLoopP99Ms) },
          ]}
        />
      </Panel>
      <Panel title="Processor and event loop">
        <Plot
          {...frame}
          title="Processor and event loop"
          format={percentText}
          series={[
            { label: 'of one core', color: '--series-1', values: samples.map(({ cpu }) => cpu), isFilled: true },
            {
              label: 'event loop busy',
              color: '--series-2',
              values: samples.map(({ eventLoopUtilization }) => eventLoopUtilization),
            },
          ]}
        />
      </Panel>
    </>
  );
}

export function VersionsPanel(): JSX.Element | null {
  const info = server.value;
  const sample = latestTick.value?.process;
  if (info === undefined) return null;
  const { v1, v2, grpc, openapi } = info.apis;
  return (
    <Panel title="Versions and addresses">
      <dl class="pairs">
        <Pair name="Server">{info.version}</Pair>
        <Pair name="Node">
          {info.nodeVersion} on {info.platform}, process {info.pid}
        </Pair>
        {info.engines.map(({ name, libraryVersion }) => (
          <Pair key={name} name={`Engine ${name}`}>
            {libraryVersion ?? 'version unknown'}
          </Pair>
        ))}
        <Pair name="Cores and memory">
          {info.cpus} cores, {bytesText(info.totalMemoryBytes)}
        </Pair>
        {sample?.threads !== undefined && <Pair name="Threads">{sample.threads}</Pair>}
        <Pair name="REST v1">
          <code>{absolute(`${v1}/models`)}</code>
        </Pair>
        <Pair name="Open Inference">{v2 === undefined ? 'not mounted' : <code>{absolute(v2)}</code>}</Pair>
        <Pair name="gRPC">{grpc === undefined ? 'not told (grpcAddress)' : <code>{grpc}</code>}</Pair>
        {openapi !== undefined && (
          <Pair name="OpenAPI">
            <a href={openapi}>{absolute(openapi)}</a>
          </Pair>
        )}
      </dl>
    </Panel>
  );
}

/** An address relative to the console, with the origin. */
function absolute(address: string): string {
  return new URL(address, document.baseURI).href;
}

function Pair({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
