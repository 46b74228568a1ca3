/** Requests to the console's own API. */
import type { ConsoleActionName, ConsoleActions } from '../../../src/api/console-api.js';
import { parseJson } from '../tensors/json.js';

/** Rejects with the server's message for any status but 200. */
export async function fetchJson<T>(address: string): Promise<T> {
  return (await answerOf(await fetch(address))) as T;
}

/** Does an action; rejects with the server's message when it fails. */
export async function act<Name extends ConsoleActionName>(name: Name, body: ConsoleActions[Name]): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await answerOf(await fetch(`api/actions/${name}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** The address of what the API has for a model. */
export function modelAddress(model: string, rest: string): string {
  return `api/models/${encodeURIComponent(model)}/${rest}`;
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  let body: unknown;
  try {
    body = parseJson(text);
  } catch {
    throw new Error(`${response.status} ${response.statusText}: ${text.slice(0, 200)}`);
  }
  if (!response.ok) throw new Error((body as { error?: string }).error ?? `${response.status} ${response.statusText}`);
  return body;
}
