/** The request as a command or program. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { codeOf, LANGUAGES, type Language } from '../requests/call-code.js';
import type { HttpCall } from '../requests/predict-call.js';
import { Choice } from '../ui/choice.js';
import { CopyButton } from '../ui/copy-button.js';
import { Panel } from '../ui/panel.js';

/** Longer code is cut in the middle of its longest line on the page; what is copied is whole. */
const LONGEST_LINE = 600;

export interface CodePanelProps {
  /** The request of the form as it is now; `undefined` while a value can not be read. */
  readonly build: () => HttpCall | undefined;
  /** Another text whenever the request may be another one. */
  readonly changes: string;
}

export function CodePanel({ build, changes }: CodePanelProps): JSX.Element {
  const [language, setLanguage] = useState<Language>('curl');
  const call = useMemo(build, [changes]);
  const code = (): string => (call ? codeOf(language, new URL(call.address, document.baseURI).href, call) : '');
  return (
    <Panel
      title="The same in code"
      class="code"
      aside={
        <>
          <Choice label="Language" isLabelHidden options={LANGUAGES} value={language} onChange={setLanguage} />
          <CopyButton text={code} />
        </>
      }
    >
      {call === undefined ? (
        <p class="empty">Complete the values of the request first.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached with the keyboard.
        <pre tabIndex={0}>
          <code>{shortened(code())}</code>
        </pre>
      )}
    </Panel>
  );
}

function shortened(code: string): string {
  return code
    .split('\n')
    .map((line) => {
      if (line.length <= LONGEST_LINE) return line;
      const cut = line.length - LONGEST_LINE;
      return `${line.slice(0, LONGEST_LINE / 2)} … ${cut} more characters … ${line.slice(-LONGEST_LINE / 4)}`;
    })
    .join('\n');
}
