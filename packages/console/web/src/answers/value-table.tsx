/** Values as a table: the last dimension across, all others down. */
import type { JSX } from 'preact';
import { bytesText } from '../shell/format.js';
import { indexOf, type Scalar, sizeOf, type Tensor } from '../tensors/tensor.js';

const MOST_ROWS = 50;
const MOST_COLUMNS = 32;

export function ValueTable({ name, tensor }: { readonly name: string; readonly tensor: Tensor }): JSX.Element {
  const { shape, values } = tensor;
  if (shape.length === 0) return <p class="scalar">{scalarShown(values[0] as Scalar)}</p>;
  const width = shape.at(-1) ?? 1;
  const isVector = shape.length === 1;
  const [rows, columns] = isVector ? [width, 1] : [width > 0 ? sizeOf(shape) / width : 0, width];
  const shownRows = Math.min(rows, MOST_ROWS);
  const shownColumns = Math.min(columns, MOST_COLUMNS);
  const outer = isVector ? shape : shape.slice(0, -1);
  const cut = shownRows < rows || shownColumns < columns;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached with the keyboard. */}
      <section class="table" tabIndex={0} aria-label={`Values of ${name}`}>
        <table>
          {columns > 1 && (
            <thead>
              <tr>
                <th scope="col">
                  <span class="hidden">Index</span>
                </th>
                {Array.from({ length: shownColumns }, (_, column) => (
                  <th key={String(column)} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {Array.from({ length: shownRows }, (_, row) => (
              <tr key={String(row)}>
                <th scope="row">{indexOf(outer, row).join(', ')}</th>
                {Array.from({ length: shownColumns }, (__, column) => (
                  <td key={String(column)} class={typeof values[row * columns + column] === 'string' ? '' : 'number'}>
                    {scalarShown(values[row * columns + column] as Scalar)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows === 0 && <p class="empty">The tensor has no elements.</p>}
      {cut && (
        <p class="hint">
          {shownRows} of {rows} rows, {shownColumns} of {columns} columns; "Copy JSON" has all
        </p>
      )}
    </>
  );
}

/** An element as a person reads it; floats with six digits. */
export function scalarShown(value: Scalar): string {
  if (typeof value === 'number') {
    if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(3);
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  }
  if (value instanceof Uint8Array) return `${bytesText(value.length)} of bytes`;
  return String(value);
}
