/** What all pages share: the heading, the navigation and the state of the connection. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ComparePage } from '../compare/compare-page.js';
import { connection, connectionError, server } from '../live/console-store.js';
import { LogPage } from '../log/log-page.js';
import { ModelPage } from '../model/model-page.js';
import { ModelsPage } from '../models/models-page.js';
import { TryPage } from '../try/try-page.js';
import { Choice } from '../ui/choice.js';
import { Notice } from '../ui/notice.js';
import { hrefOf, type Route, route } from './routes.js';
import { theme } from './theme.js';

const PAGES: readonly (readonly [Route, string])[] = [
  [{ page: 'models' }, 'Models'],
  [{ page: 'try' }, 'Try it'],
  [{ page: 'compare' }, 'Compare'],
  [{ page: 'log' }, 'Log and process'],
];

const CONNECTION_WORDS = { connecting: 'connecting', live: 'live', lost: 'connection lost' } as const;

export function Shell(): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const { page } = route.value;
  const name = 'model' in route.value ? route.value.model : undefined;
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus();
  }, [page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <p class="brand">
          <Mark /> Serving <span>console</span>
        </p>
        <nav aria-label="Pages">
          {PAGES.map(([target, text]) => {
            const isCurrent = target.page === page || (target.page === 'models' && page === 'model');
            return (
              <a key={text} href={hrefOf(target)} aria-current={isCurrent ? 'page' : undefined}>
                {text}
              </a>
            );
          })}
        </nav>
        <div class="top-right">
          <p class={`connection ${connection.value}`} role="status">
            {CONNECTION_WORDS[connection.value]}
          </p>
          <Choice
            label="Colours"
            isLabelHidden
            options={{ auto: 'Auto', light: 'Light', dark: 'Dark' }}
            value={theme.value}
            onChange={(chosen) => {
              theme.value = chosen;
            }}
          />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {connection.value === 'lost' && (
          <Notice tone="error">
            The server does not answer; what is shown may be old. The page connects again by itself.{' '}
            {connectionError.value}
          </Notice>
        )}
        {server.value === undefined ? (
          <p class="empty">Connecting to the server …</p>
        ) : (
          <Page page={page} model={name} />
        )}
      </main>
    </>
  );
}

function Page({ page, model }: { readonly page: Route['page']; readonly model: string | undefined }): JSX.Element {
  switch (page) {
    case 'models':
      return <ModelsPage />;
    case 'model':
      return <ModelPage key={model} name={model ?? ''} />;
    case 'try':
      return <TryPage />;
    case 'compare':
      return <ComparePage />;
    case 'log':
      return <LogPage />;
  }
}

/** Three layers, the middle one going out. */
function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <rect x="3" y="4" width="12" height="4" rx="2" />
      <rect x="3" y="10" width="18" height="4" rx="2" class="accent" />
      <rect x="3" y="16" width="12" height="4" rx="2" />
    </svg>
  );
}
