/** Sends the same values to two versions of a model, and shows how their answers differ. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ModelInfo, SignatureInfo, VersionSignatures } from '../../../src/api/console-api.js';
import { FieldCard } from '../form/field-card.js';
import { InputForm } from '../form/input-form.js';
import { modelAddress } from '../live/console-api-client.js';
import { models, server } from '../live/console-store.js';
import { useResource } from '../live/resource.js';
import { callOf, exampleInputs, exampleVerb } from '../requests/predict-call.js';
import { type Exchange, sendCall } from '../requests/send-call.js';
import { durationText } from '../shell/format.js';
import { replaceRoute, route } from '../shell/routes.js';
import { callableModels, callableSignatures } from '../try/model-choice.js';
import { Notice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import { Select } from '../ui/select.js';
import { DifferencePanel } from './difference-panel.js';

export function ComparePage(): JSX.Element {
  const { model } = route.value as { readonly model?: string };
  const available = callableModels(models.value);
  const several = available.filter((info) => availableVersions(info).length > 1);
  const chosen = available.find(({ name }) => name === model) ?? several[0] ?? available[0];
  const versions = chosen ? availableVersions(chosen) : [];
  const modelSelect = (
    <Select
      label="Model"
      options={available.map(({ name }) => [name, name])}
      value={chosen?.name ?? ''}
      onChange={(name) => replaceRoute({ page: 'compare', model: name })}
    />
  );
  return (
    <>
      <h1>Compare versions</h1>
      {chosen === undefined ? (
        <p class="empty">No model has an available version.</p>
      ) : (
        <>
          {versions.length < 2 && <div class="row chooser">{modelSelect}</div>}
          {versions.length < 2 ? (
            <p class="empty">
              Only one version of {chosen.name} is available. A policy such as "latest 2", or labels, keeps several.
            </p>
          ) : (
            <Comparison key={chosen.name} model={chosen.name} versions={versions} modelSelect={modelSelect} />
          )}
        </>
      )}
    </>
  );
}

function availableVersions({ versions }: ModelInfo): readonly string[] {
  return versions.filter(({ state }) => state === 'AVAILABLE').map(({ version }) => version);
}

function Comparison({
  model,
  versions,
  modelSelect,
}: {
  readonly model: string;
  readonly versions: readonly string[];
  readonly modelSelect: JSX.Element;
}): JSX.Element {
  const [firstChoice, setFirst] = useState(versions[1] ?? '');
  const [secondChoice, setSecond] = useState(versions[0] ?? '');
  const first = versions.includes(firstChoice) ? firstChoice : (versions[1] ?? '');
  const second = versions.includes(secondChoice) ? secondChoice : (versions[0] ?? '');
  const { data, error } = useResource<VersionSignatures>(modelAddress(model, `versions/${first}/signatures`));
  const options = versions.map((version) => [version, version] as const);
  return (
    <>
      <div class="row chooser">
        {modelSelect}
        <Select label="First version" options={options} value={first} onChange={setFirst} />
        <Select label="Second version" options={options} value={second} onChange={setSecond} />
      </div>
      {error && <Notice tone="error">{error}</Notice>}
      {data?.model === model && (
        <ComparisonForm model={model} first={first} second={second} signatures={callableSignatures(data.signatures)} />
      )}
    </>
  );
}

interface ComparisonFormProps {
  readonly model: string;
  readonly first: string;
  readonly second: string;
  readonly signatures: readonly SignatureInfo[];
}

function ComparisonForm({ model, first, second, signatures }: ComparisonFormProps): JSX.Element {
  const [name, setName] = useState(signatures[0]?.name ?? '');
  const signature = signatures.find((known) => known.name === name);
  const takesExamples = signature !== undefined && exampleVerb(signature) !== undefined;
  const asked = takesExamples ? exampleInputs(signature) : signature;
  const form = useMemo(() => asked && new InputForm(asked), [JSON.stringify(asked)]);
  const [exchanges, setExchanges] = useState<readonly [Exchange, Exchange]>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const apis = server.value?.apis;
  if (signature === undefined || form === undefined || apis === undefined)
    return <p class="empty">The version has no signatures.</p>;

  const compare = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    const values = form.values(true);
    if (values === undefined) return;
    setBusy(true);
    try {
      const send = (version: string): Promise<Exchange> =>
        sendCall(callOf(takesExamples ? 'examples' : 'columns', { model, version, signature }, values, apis));
      const received = [await send(first), await send(second)] as const;
      setExchanges(received);
      const failed = received.find(({ error }) => error !== undefined);
      if (failed?.error && !(failed.status === 400 && form.showError(failed.error))) setProblem(failed.error);
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="playground">
      <form class="request" onSubmit={compare}>
        <Panel title="Values for both">
          {signatures.length > 1 && (
            <div class="row">
              <Select
                label="Signature"
                options={signatures.map((known) => [known.name, known.name])}
                value={name}
                onChange={setName}
              />
            </div>
          )}
          {form.fields.map((field) => (
            <FieldCard key={`${name}/${field.name}`} field={field} />
          ))}
          <div class="row send">
            <button type="submit" class="primary" disabled={isBusy}>
              {isBusy ? 'Comparing …' : 'Compare'}
            </button>
          </div>
          {problem && <Notice tone="error">{problem}</Notice>}
        </Panel>
      </form>
      <div class="response">
        {exchanges?.[0].outputs && exchanges[1].outputs ? (
          <DifferencePanel
            names={[exchanges[0].call.target.version ?? '', exchanges[1].call.target.version ?? '']}
            first={exchanges[0].outputs}
            second={exchanges[1].outputs}
            times={exchanges.map(({ timing }) => durationText(timing.totalMs))}
          />
        ) : (
          <Panel title="Differences">
            <p class="empty">Both versions get the same request; the differences appear here.</p>
          </Panel>
        )}
      </div>
    </div>
  );
}
