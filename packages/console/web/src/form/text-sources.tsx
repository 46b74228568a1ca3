/** Values that are typed or pasted. */
import type { JSX } from 'preact';
import type { SourceProps } from './source-props.js';

export function TextSource({ field, errorId }: SourceProps): JSX.Element {
  return (
    <label class="source">
      <span class="hint">
        {field.dtype.kind === 'example'
          ? 'JSON: a list of examples, each an object of features by name'
          : 'JSON as nested lists, or a pasted table: CSV, tabs or spaces, one row per line'}
      </span>
      <textarea
        rows={rowsFor(field.text.value)}
        spellcheck={false}
        aria-invalid={errorId !== undefined}
        aria-describedby={errorId}
        aria-label={`Values of ${field.name}`}
        value={field.text.value}
        onInput={(event) => {
          field.text.value = event.currentTarget.value;
          field.touch();
        }}
      />
    </label>
  );
}

export function LinesSource({ field, errorId }: SourceProps): JSX.Element {
  return (
    <label class="source">
      <span class="hint">{field.shape?.length === 0 ? 'One text' : 'Each line is one element'}</span>
      <textarea
        rows={rowsFor(field.lines.value)}
        aria-invalid={errorId !== undefined}
        aria-describedby={errorId}
        aria-label={`Text of ${field.name}`}
        value={field.lines.value}
        onInput={(event) => {
          field.lines.value = event.currentTarget.value;
          field.touch();
        }}
      />
    </label>
  );
}

function rowsFor(text: string): number {
  const rows = text.split('\n').reduce((sum, line) => sum + Math.ceil((line.length + 1) / 64), 0);
  return Math.min(10, Math.max(2, rows));
}
