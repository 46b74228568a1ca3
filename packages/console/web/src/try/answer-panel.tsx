/** What came back: outputs or an error, and where the time went. */
import type { JSX } from 'preact';
import { OutputView } from '../answers/output-view.js';
import { requestTimings } from '../live/console-store.js';
import type { Exchange } from '../requests/send-call.js';
import { bytesText, durationText } from '../shell/format.js';
import { Notice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import { TimingBar } from './timing-bar.js';

export function AnswerPanel({ exchange }: { readonly exchange: Exchange | undefined }): JSX.Element {
  if (exchange === undefined) {
    return (
      <Panel title="Answer">
        <p class="empty">Fill in the request and send it: the answer appears here.</p>
      </Panel>
    );
  }
  const { status, outputs, error, timing, requestBytes, responseBytes, id } = exchange;
  const ok = outputs !== undefined;
  return (
    <Panel
      title="Answer"
      class="answer"
      aside={
        <p class="facts" role="status">
          <span class={`badge ${ok ? 'state-available' : 'state-failed'}`}>
            {ok ? `${status} OK` : `${status} error`}
          </span>
          <span>{durationText(timing.totalMs)}</span>
          <span>
            {bytesText(requestBytes)} sent, {bytesText(responseBytes)} received
          </span>
        </p>
      }
    >
      {error !== undefined && <Notice tone="error">{error}</Notice>}
      {outputs &&
        Array.from(outputs, ([name, tensor]) => (
          <OutputView key={name} name={name} tensor={tensor} outputs={outputs} />
        ))}
      <TimingBar client={timing} server={requestTimings.value.get(id)} />
    </Panel>
  );
}
