/** A form for a signature, with what the server answers. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { InputExample, SignatureInfo } from '../../../src/api/console-api.js';
import { FieldCard } from '../form/field-card.js';
import { InputForm } from '../form/input-form.js';
import { server } from '../live/console-store.js';
import { type CallForm, callOf, exampleInputs, type HttpCall } from '../requests/predict-call.js';
import { type Exchange, sendCall } from '../requests/send-call.js';
import { Notice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import { Select } from '../ui/select.js';
import { AnswerPanel } from './answer-panel.js';
import { CodePanel } from './code-panel.js';

export interface PlaygroundProps {
  readonly model: string;
  readonly version: string | undefined;
  readonly signature: SignatureInfo;
  /** Those that can carry all inputs, with their names. */
  readonly forms: Partial<Record<CallForm, string>>;
  readonly examples: readonly InputExample[];
}

/** The request, its answer and its code; the form stays when another version with the same signature takes over. */
export function Playground({ model, version, signature, forms, examples }: PlaygroundProps): JSX.Element {
  const [callForm, setCallForm] = useState(Object.keys(forms)[0] as CallForm);
  const asked = callForm === 'examples' ? exampleInputs(signature) : signature;
  const form = useMemo(() => new InputForm(asked), [JSON.stringify(asked)]);
  const [isLive, setLive] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [exchange, setExchange] = useState<Exchange>();
  const [problem, setProblem] = useState<string>();
  /** Says what is wrong with the values where `report` is set. */
  const build = (report: boolean): HttpCall | undefined => {
    const values = form.values(report);
    const apis = server.value?.apis;
    if (values === undefined || apis === undefined) return undefined;
    try {
      const output = signature.outputs.length === 1 ? signature.outputs[0]?.name : undefined;
      return callOf(callForm, { model, ...(version && { version }), signature }, values, apis, output);
    } catch (error) {
      const { message } = error as Error;
      if (report && !form.showError(message)) setProblem(message);
      return undefined;
    }
  };
  const send = async (): Promise<void> => {
    setProblem(undefined);
    const call = build(true);
    if (call === undefined) return;
    setBusy(true);
    try {
      const received = await sendCall(call);
      setExchange(received);
      if (received.status === 400 && received.error) form.showError(received.error);
    } catch (error) {
      setProblem(`The request did not reach the server: ${(error as Error).message}`);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send();
  };
  const changes = form.changes;
  useEffect(() => {
    if (isLive && changes > 0) void send();
  }, [changes, isLive]);

  return (
    <div class="playground">
      <form
        class="request"
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      >
        <Panel title="Request">
          <div class="row">
            <Select
              label="Send by"
              options={Object.entries(forms)}
              value={callForm}
              onChange={(value) => setCallForm(value as CallForm)}
            />
            {examples.length > 0 && callForm !== 'examples' && (
              <Select
                label="Example"
                options={[['', 'choose one …'], ...examples.map(({ title }, i) => [String(i), title] as const)]}
                value=""
                onChange={(i) => {
                  const example = examples[Number(i)];
                  if (i !== '' && example) form.takeExample(example);
                }}
              />
            )}
          </div>
          {form.fields.map((field) => (
            <FieldCard key={`${signature.name}/${field.name}`} field={field} />
          ))}
          {form.fields.length === 0 && <p class="empty">The signature takes no inputs.</p>}
          <div class="row send">
            <button type="submit" class="primary" disabled={isBusy}>
              {isBusy ? 'Sending …' : 'Send'}
            </button>
            <label class="check">
              <input type="checkbox" checked={isLive} onChange={(event) => setLive(event.currentTarget.checked)} />
              send on each change
            </label>
            <span class="hint keys">Ctrl + Enter sends</span>
          </div>
          {problem && <Notice tone="error">{problem}</Notice>}
        </Panel>
      </form>
      <div class="response">
        <AnswerPanel exchange={exchange} />
        <CodePanel build={() => build(false)} changes={`${changes} ${callForm} ${exchange?.id}`} />
      </div>
    </div>
  );
}
