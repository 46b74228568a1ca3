/** Batches by size and by why they closed, and where runs took place. */
import type { JSX } from 'preact';
import type { CloseReason } from '../../../src/api/console-api.js';
import { countText, percentText } from '../shell/format.js';
import { type Bar, Bars } from '../ui/bars.js';
import { Panel } from '../ui/panel.js';
import { CLOSE_REASONS, type SampleSum, sizeBuckets } from './sample-sum.js';

export function BatchPanel({ sum, isBatched }: { readonly sum: SampleSum; readonly isBatched: boolean }): JSX.Element {
  const batches = [...sum.batchSizes.values()].reduce((total, count) => total + count, 0);
  const runs = sum.inlineRuns + sum.threadedRuns;
  return (
    <>
      <Panel title="Batch sizes" aside={<span class="muted">{countText(batches)} batches</span>}>
        {batches === 0 ? (
          <p class="empty">
            {isBatched ? 'No batch has run in this time.' : 'Requests of this model are not batched.'}
          </p>
        ) : (
          <Bars
            label="Batches by rows"
            bars={sizeBuckets(sum.batchSizes).map(({ label, count }) => ({
              label: label === '1' ? '1 row' : `${label} rows`,
              value: count,
              text: countText(count),
            }))}
          />
        )}
      </Panel>
      <Panel title="Batches closed, runs">
        {batches > 0 && (
          <Bars
            label="Batches by why they closed"
            full={batches}
            bars={Array.from(sum.closeReasons, ([reason, count]) =>
              shareBar(CLOSE_REASONS[reason as CloseReason] ?? reason, count, batches),
            )}
          />
        )}
        {runs === 0 ? (
          <p class="empty">No run in this time.</p>
        ) : (
          <Bars
            label="Runs by place"
            full={runs}
            bars={[
              shareBar('inline, on the event loop', sum.inlineRuns, runs),
              shareBar('threaded', sum.threadedRuns, runs, 'second'),
            ]}
          />
        )}
      </Panel>
    </>
  );
}

function shareBar(label: string, count: number, all: number, tone?: string): Bar {
  return { label, value: count, text: `${countText(count)} · ${percentText(count / all)}`, ...(tone && { tone }) };
}
