/** The devices that TensorFlow sees. */
import type { TensorFlowApi } from './c-api.js';
import { statusError } from './native-status.js';
import { callAsync } from './pin-library.js';

/**
 * Device names such as `/job:localhost/replica:0/task:0/device:CPU:0`, asked of a session without a graph.
 *
 * @throws ServingError with TensorFlow's code and message.
 */
export async function listDevices(api: TensorFlowApi): Promise<string[]> {
  const status = api.newStatus();
  const graph = api.newGraph();
  const options = api.newSessionOptions();
  let session = 0;
  try {
    session = await callAsync(api.newSession, graph, options, status);
    throwIfFailed(api, status);
    const list = api.sessionListDevices(session, status);
    throwIfFailed(api, status);
    const names = Array.from({ length: api.deviceListCount(list) }, (_, i) => api.deviceListName(list, i, status));
    api.deleteDeviceList(list);
    return names;
  } finally {
    if (session !== 0) await callAsync(api.deleteSession, session, status);
    api.deleteSessionOptions(options);
    api.deleteGraph(graph);
    api.deleteStatus(status);
  }
}

function throwIfFailed(api: TensorFlowApi, status: number): void {
  const error = statusError(api, status);
  if (error !== undefined) throw error;
}
