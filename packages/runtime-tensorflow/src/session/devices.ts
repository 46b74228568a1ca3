/** The devices that TensorFlow sees. */
import type { SessionOptions } from '@serving/engine';
import { callAsync } from '@serving/engine/native';
import type { TensorFlowApi } from '../native/c-api.js';
import { throwIfFailed } from '../native/native-status.js';
import { newSessionOptions } from './session-options.js';

/**
 * Device names such as `/job:localhost/replica:0/task:0/device:CPU:0`, asked of a session without a graph.
 *
 * @throws ServingError with TensorFlow's code and message.
 */
export async function listDevices(api: TensorFlowApi, options: SessionOptions): Promise<string[]> {
  const status = api.newStatus();
  const graph = api.newGraph();
  let sessionOptions = 0;
  let session = 0;
  try {
    sessionOptions = newSessionOptions(api, options, status);
    session = await callAsync(api.newSession, graph, sessionOptions, status);
    throwIfFailed(api, status);
    const list = await callAsync(api.sessionListDevices, session, status);
    throwIfFailed(api, status);
    const names = Array.from({ length: api.deviceListCount(list) }, (_, i) => api.deviceListName(list, i, status));
    api.deleteDeviceList(list);
    return names;
  } finally {
    if (session !== 0) await callAsync(api.deleteSession, session, status);
    if (sessionOptions !== 0) api.deleteSessionOptions(sessionOptions);
    await callAsync(api.deleteGraph, graph);
    api.deleteStatus(status);
  }
}
