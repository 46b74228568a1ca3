/** Numbers at a glance. */
import type { ComponentChildren, JSX } from 'preact';

export function Tiles({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <dl class="tiles" aria-label={label}>
      {children}
    </dl>
  );
}

export interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly tone?: 'bad' | undefined;
}

export function Tile({ name, value, note, tone }: TileProps): JSX.Element {
  return (
    <div class={`tile ${tone ?? ''}`}>
      <dt>{name}</dt>
      <dd>
        <span class="tile-value">{value}</span>
        {note && <span class="tile-note">{note}</span>}
      </dd>
    </div>
  );
}
