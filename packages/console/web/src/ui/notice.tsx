/** What went wrong, or what there is to know. */
import type { ComponentChildren, JSX } from 'preact';

export function Notice({
  tone,
  children,
}: {
  readonly tone: 'error' | 'warning' | 'info';
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <p class={`notice ${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      {children}
    </p>
  );
}
