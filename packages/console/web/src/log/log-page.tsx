/** Events, the process, and the actions that the console may do. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LogEntry } from '../../../src/api/console-api.js';
import { log, server } from '../live/console-store.js';
import { clockText } from '../shell/format.js';
import { hrefOf } from '../shell/routes.js';
import { Choice } from '../ui/choice.js';
import { Panel } from '../ui/panel.js';
import { ActionPanel } from './action-panel.js';
import { ProcessPanel, VersionsPanel } from './process-panel.js';

const LEVELS = { info: 'all', warning: 'warnings and errors', error: 'errors' } as const;
type Level = keyof typeof LEVELS;
const SHOWN = 300;

export function LogPage(): JSX.Element {
  const actions = server.value?.actions ?? [];
  return (
    <>
      <h1>Log and process</h1>
      <div class="panels">
        <ProcessPanel />
        <VersionsPanel />
        {actions.length > 0 ? (
          <ActionPanel actions={actions} />
        ) : (
          <Panel title="Actions">
            <p class="empty">
              This console is read-only. The server allows actions with --console_actions, or in code with actions:
              true.
            </p>
          </Panel>
        )}
        <LogPanel />
      </div>
    </>
  );
}

function LogPanel(): JSX.Element {
  const [level, setLevel] = useState<Level>('info');
  const wanted = Object.keys(LEVELS).slice(Object.keys(LEVELS).indexOf(level));
  const entries = log.value.filter((entry) => wanted.includes(entry.level));
  return (
    <Panel
      title="Events"
      class="wide"
      aside={<Choice label="Level" isLabelHidden options={LEVELS} value={level} onChange={setLevel} />}
    >
      {entries.length === 0 && <p class="empty">Nothing has happened yet.</p>}
      <ol class="log" aria-label="Events, newest first">
        {entries
          .slice(-SHOWN)
          .reverse()
          .map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
      </ol>
    </Panel>
  );
}

function Entry({ entry }: { readonly entry: LogEntry }): JSX.Element {
  return (
    <li class={entry.level}>
      <time dateTime={new Date(entry.time).toISOString()}>{clockText(entry.time)}</time>
      <span class="log-level">{entry.level}</span>
      <span class="log-model">
        {entry.model && <a href={hrefOf({ page: 'model', model: entry.model })}>{entry.model}</a>}
        {entry.version && ` ${entry.version}`}
      </span>
      <span class="log-message">{entry.message}</span>
    </li>
  );
}
