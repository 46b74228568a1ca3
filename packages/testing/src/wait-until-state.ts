/** Waits for what becomes of a version (TensorFlow Serving's `core/test_util/availability_test_util.h`). */
import { type ModelServer, type ServableId, ServingError } from '@serving/core';
import { formatServableId, type ManagerState } from '@serving/core/lifecycle';

/**
 * Resolves with the state as soon as a version is in one of these: at once when it is, or at its event.
 *
 * @param signal ends the wait with `CANCELLED` and what is known of the version: `AbortSignal.timeout(5000)`.
 * @throws ServingError `CANCELLED`
 *
 * @example
 * ```ts
 * await waitUntilServableManagerStateIsOneOf(server, { name: 'digits', version: 2 }, ['available', 'end']);
 * ```
 */
export function waitUntilServableManagerStateIsOneOf(
  server: Pick<ModelServer, 'getModelStatus' | 'on'>,
  id: ServableId,
  states: readonly ManagerState[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ManagerState> {
  const current = stateOf(server, id);
  if (current !== undefined && states.includes(current)) return Promise.resolve(current);
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      stop();
      const found = stateOf(server, id) ?? 'unknown';
      reject(new ServingError('CANCELLED', `${formatServableId(id)} is ${found}, not ${states.join(' or ')}`));
    };
    const stops = states.map((state) =>
      server.on(`servable:${state}`, ({ id: { name, version } }) => {
        if (name !== id.name || version !== id.version) return;
        stop();
        resolve(state);
      }),
    );
    const stop = (): void => {
      for (const unsubscribe of stops) unsubscribe();
      signal?.removeEventListener('abort', cancel);
    };
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel);
  });
}

/** `undefined` for an unknown version. */
function stateOf(server: Pick<ModelServer, 'getModelStatus'>, { name, version }: ServableId): ManagerState | undefined {
  try {
    const [status] = server.getModelStatus({ model: name, version });
    return status?.state.toLowerCase() as ManagerState | undefined;
  } catch (error) {
    if (ServingError.from(error).code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
