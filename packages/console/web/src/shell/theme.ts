/** Light or dark, as the system has it or as a person chose. */
import { effect, type Signal, signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'serving-console-theme';

export const theme: Signal<Theme> = signal(storedTheme());
/** Counts changes of the colours, for what draws on a canvas. */
export const colorsChanged: Signal<number> = signal(0);

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((known) => known === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/** Applies the choice to the document, and keeps it. */
export function followTheme(): void {
  const changed = (): void => {
    colorsChanged.value = colorsChanged.peek() + 1;
  };
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    changed();
    try {
      localStorage.setItem(KEY, theme.value);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
