/** What a person may do to the server from the console. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ConsoleActionName, ConsoleActions } from '../../../src/api/console-api.js';
import { act } from '../live/console-api-client.js';
import { models } from '../live/console-store.js';
import { Notice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import { Select } from '../ui/select.js';

interface Outcome {
  readonly isFailure: boolean;
  readonly message: string;
}

type Run = <Name extends ConsoleActionName>(name: Name, body: ConsoleActions[Name], done: string) => void;

export function ActionPanel({ actions }: { readonly actions: readonly ConsoleActionName[] }): JSX.Element {
  const [model, setModel] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const names = models.value.map(({ name }) => name);
  const chosen = models.value.find(({ name }) => name === model) ?? models.value[0];
  const run: Run = (name, body, done) => {
    setBusy(true);
    act(name, body)
      .then(
        () => setOutcome({ isFailure: false, message: done }),
        (error: Error) => setOutcome({ isFailure: true, message: error.message }),
      )
      .finally(() => setBusy(false));
  };
  const can = (name: ConsoleActionName): boolean => actions.includes(name);
  const button = (text: string, onClick: () => void): JSX.Element => (
    <button type="button" disabled={isBusy} onClick={onClick}>
      {text}
    </button>
  );
  return (
    <Panel title="Actions">
      <div class="row">
        {can('reload') && button('Reload configuration', () => run('reload', {}, 'Configuration reloaded.'))}
        {can('poll') && button('Poll all base paths', () => run('poll', {}, 'All base paths polled.'))}
      </div>
      {chosen && (
        <>
          <div class="row">
            <Select label="Model" options={names.map((name) => [name, name])} value={chosen.name} onChange={setModel} />
            {can('poll') &&
              button('Poll now', () => run('poll', { model: chosen.name }, `Base path of ${chosen.name} polled.`))}
            {can('unload') && !chosen.isParked && (
              <Confirmed text="Unload" question={`Unload ${chosen.name}? Its requests fail until it is loaded again.`}>
                {button('Unload', () => run('unload', { model: chosen.name }, `${chosen.name} unloaded.`))}
              </Confirmed>
            )}
            {can('load') &&
              chosen.isParked &&
              button('Load', () => run('load', { model: chosen.name }, `${chosen.name} loaded.`))}
          </div>
          {can('label') && <LabelForm key={chosen.name} model={chosen.name} isBusy={isBusy} run={run} />}
        </>
      )}
      {outcome && <Notice tone={outcome.isFailure ? 'error' : 'info'}>{outcome.message}</Notice>}
    </Panel>
  );
}

/** Asks before a button that interrupts requests is shown. */
function Confirmed(props: {
  readonly text: string;
  readonly question: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { text, question, children } = props;
  return (
    <details class="confirm">
      <summary class="button">{text}…</summary>
      <p>{question}</p>
      {children}
    </details>
  );
}

function LabelForm({
  model,
  isBusy,
  run,
}: {
  readonly model: string;
  readonly isBusy: boolean;
  readonly run: Run;
}): JSX.Element {
  const info = models.value.find(({ name }) => name === model);
  const labels = Object.keys(info?.labels ?? {});
  const versions = (info?.versions ?? []).filter(({ state }) => state === 'AVAILABLE').map(({ version }) => version);
  const [label, setLabel] = useState(labels[0] ?? '');
  const [version, setVersion] = useState(versions[0] ?? '');
  const move = (event: Event): void => {
    event.preventDefault();
    const to = version === '' ? {} : { version };
    run(
      'label',
      { model, label, ...to },
      version === '' ? `Label "${label}" removed.` : `Label "${label}" is at version ${version}.`,
    );
  };
  return (
    <form class="row" onSubmit={move}>
      <label class="select">
        <span>Label</span>
        <input
          value={label}
          required
          list={`labels-${model}`}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
        <datalist id={`labels-${model}`}>
          {labels.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <Select
        label="Version"
        options={[...versions.map((name) => [name, name] as const), ['', 'none: remove it']]}
        value={version}
        onChange={setVersion}
      />
      <button type="submit" disabled={isBusy || label === ''}>
        Move label
      </button>
    </form>
  );
}
