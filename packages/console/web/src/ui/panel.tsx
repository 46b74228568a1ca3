/** A part of a page with a heading. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What stands at the right of the heading. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
}

export function Panel({ title, children, aside, class: name = '' }: PanelProps): JSX.Element {
  const id = useId();
  return (
    <section class={`card panel ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
