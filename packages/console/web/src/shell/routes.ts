/** Addresses of pages, in the part behind `#`, so that any folder on any server holds the console. */
import { type Signal, signal } from '@preact/signals';

export type Route =
  | { readonly page: 'models' }
  | { readonly page: 'model'; readonly model: string }
  | { readonly page: 'try'; readonly model?: string; readonly version?: string }
  | { readonly page: 'compare'; readonly model?: string }
  | { readonly page: 'log' };

export const route: Signal<Route> = signal({ page: 'models' });

/** The `href` of a page. */
export function hrefOf(target: Route): string {
  const parts: string[] = [target.page];
  if ('model' in target && target.model !== undefined) parts.push(target.model);
  if ('version' in target && target.version !== undefined) parts.push(target.version);
  return target.page === 'models' ? '#/' : `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The page of an address; the list of models for one that is unknown. */
function routeOf(hash: string): Route {
  const [page, model, version] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part));
  const named = model ? { model } : {};
  switch (page) {
    case 'model':
      return model ? { page, model } : { page: 'models' };
    case 'try':
      return { page, ...named, ...(version && { version }) };
    case 'compare':
      return { page, ...named };
    case 'log':
      return { page };
    default:
      return { page: 'models' };
  }
}

/** Follows the address. */
export function followAddress(): void {
  const take = (): void => {
    route.value = routeOf(location.hash);
  };
  window.addEventListener('hashchange', take);
  take();
}

/** Changes the address without another entry in the history, for choices on a page. */
export function replaceRoute(target: Route): void {
  history.replaceState(null, '', hrefOf(target));
  route.value = target;
}
