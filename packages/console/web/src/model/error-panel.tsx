/** Failed requests by code. */
import type { JSX } from 'preact';
import { countText } from '../shell/format.js';
import { Bars } from '../ui/bars.js';
import { Panel } from '../ui/panel.js';
import type { SampleSum } from './sample-sum.js';

export function ErrorPanel({ sum }: { readonly sum: SampleSum }): JSX.Element {
  const codes = [...sum.errorsByCode].sort(([, a], [, b]) => b - a);
  return (
    <Panel
      title="Errors by code"
      aside={
        <span class="muted">
          {countText(sum.errors)} of {countText(sum.requests)} requests
        </span>
      }
    >
      {codes.length === 0 ? (
        <p class="empty">No request has failed in this time.</p>
      ) : (
        <Bars
          label="Failed requests by code"
          bars={codes.map(([code, count]) => ({ label: code, value: count, text: countText(count), tone: 'bad' }))}
        />
      )}
    </Panel>
  );
}
