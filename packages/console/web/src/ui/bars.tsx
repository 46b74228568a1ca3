/** Horizontal bars with their values in numbers. */
import type { JSX } from 'preact';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** A class that colours the bar. */
  readonly tone?: string;
}

/** Bars as long as their share of the longest one, or of `full`. */
export function Bars({
  bars,
  label,
  full,
}: {
  readonly bars: readonly Bar[];
  readonly label: string;
  readonly full?: number;
}): JSX.Element {
  const longest = full ?? Math.max(...bars.map(({ value }) => value), 0);
  return (
    <table class="bars">
      <caption class="hidden">{label}</caption>
      <tbody>
        {bars.map(({ label: name, value, text, tone }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <div
                class={`bar ${tone ?? ''}`}
                style={{ width: `${longest > 0 ? Math.max(0, (100 * value) / longest) : 0}%` }}
              />
            </td>
            <td class="number">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
