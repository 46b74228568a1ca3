/** A choice of a few, as radio buttons in a row. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface ChoiceProps<Key extends string> {
  readonly label: string;
  readonly options: Readonly<Partial<Record<Key, string>>>;
  readonly value: Key;
  readonly onChange: (key: Key) => void;
  /** Whether the label is for screen readers only. */
  readonly isLabelHidden?: boolean;
}

export function Choice<Key extends string>({
  label,
  options,
  value,
  onChange,
  isLabelHidden,
}: ChoiceProps<Key>): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class={isLabelHidden ? 'hidden' : ''}>{label}</legend>
      <div class="choice-options">
        {(Object.entries(options) as [Key, string][]).map(([key, text]) => (
          <label key={key}>
            <input type="radio" name={name} checked={key === value} onChange={() => onChange(key)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
