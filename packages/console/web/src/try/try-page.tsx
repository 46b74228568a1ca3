/** Chooses a model, a version and a signature to try. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { SignatureInfo, VersionExamples, VersionSignatures } from '../../../src/api/console-api.js';
import { modelAddress } from '../live/console-api-client.js';
import { models, server } from '../live/console-store.js';
import { useResource } from '../live/resource.js';
import { type CallForm, exampleVerb, FORMS } from '../requests/predict-call.js';
import { replaceRoute, route } from '../shell/routes.js';
import { dataTypeOf, hasJsonForm } from '../tensors/data-type.js';
import { Notice } from '../ui/notice.js';
import { Select } from '../ui/select.js';
import { callableModels, callableSignatures, versionOptions } from './model-choice.js';
import { Playground } from './playground.js';

export function TryPage(): JSX.Element {
  const { model, version } = route.value as { readonly model?: string; readonly version?: string };
  const available = callableModels(models.value);
  const chosen = available.find(({ name }) => name === model) ?? (model === undefined ? available[0] : undefined);
  const versions = chosen ? versionOptions(chosen) : [];
  const known = versions.find(([key]) => key === version)?.[0] ?? '';
  const described = known || chosen?.defaultVersion;
  const address = chosen && described ? modelAddress(chosen.name, `versions/${described}/`) : undefined;
  const { data, error } = useResource<VersionSignatures>(address && `${address}signatures`);
  const examples = useResource<VersionExamples>(address && `${address}examples`).data?.examples;
  const [signatureName, setSignatureName] = useState('');
  const signatures = data && data.model === chosen?.name ? callableSignatures(data.signatures) : [];
  const signature = signatures.find(({ name }) => name === signatureName) ?? signatures[0];
  const forms = signature ? possibleForms(signature, server.value?.apis.v2 !== undefined) : {};
  const isCallable = Object.keys(forms).length > 0;
  return (
    <>
      <h1>Try it</h1>
      <div class="row chooser">
        <Select
          label="Model"
          options={available.map(({ name }) => [name, name])}
          value={chosen?.name ?? ''}
          onChange={(name) => replaceRoute({ page: 'try', model: name })}
        />
        {chosen && (
          <Select
            label="Version"
            options={versions}
            value={known}
            onChange={(name) => replaceRoute({ page: 'try', model: chosen.name, ...(name && { version: name }) })}
          />
        )}
        {signatures.length > 1 && (
          <Select
            label="Signature"
            options={signatures.map(({ name }) => [name, name])}
            value={signature?.name ?? ''}
            onChange={setSignatureName}
          />
        )}
      </div>
      {chosen === undefined && (
        <p class="empty">
          {model ? `Model "${model}" has no available version.` : 'No model has an available version.'}
        </p>
      )}
      {error && <Notice tone="error">{error}</Notice>}
      {signature && !isCallable && (
        <p class="empty">The HTTP APIs have no form for all inputs of the signature "{signature.name}".</p>
      )}
      {chosen && signature && isCallable && (
        <Playground
          key={`${chosen.name}/${known}/${signature.name}`}
          model={chosen.name}
          version={known === '' ? undefined : known}
          signature={signature}
          forms={forms}
          examples={(examples ?? []).filter((example) => example.signature === signature.name)}
        />
      )}
    </>
  );
}

/** The forms that can carry all inputs. */
function possibleForms(signature: SignatureInfo, hasOpenInference: boolean): Partial<Record<CallForm, string>> {
  const { inputs } = signature;
  const types = inputs.map(({ dtype }) => dataTypeOf(dtype));
  const inJson = types.every(hasJsonForm);
  const inProtocol = hasOpenInference && types.every(({ openInference }) => openInference !== undefined);
  const inRaw = inputs.length === 1 && types.every(({ bytes, kind }) => bytes > 0 && kind !== 'string');
  const forms: Partial<Record<CallForm, string>> = {};
  if (exampleVerb(signature)) forms.examples = FORMS.examples;
  if (inJson) {
    if (inputs.length > 0) forms.rows = FORMS.rows;
    forms.columns = FORMS.columns;
  }
  if (inRaw) forms.raw = FORMS.raw;
  if (inProtocol) {
    forms.v2 = FORMS.v2;
    forms.v2binary = FORMS.v2binary;
  }
  return forms;
}
