/** Sessions that another thread has loaded. Loaded by its URL in serving threads. */
import { systemClock } from '@serving/core/extend';
import { RunSlots, type Session, type SharedSessionModule } from '@serving/engine';
import { openRuntimeContext } from './open-context.js';
import type { RuntimeContext, SharedRuntime } from './runtime-context.js';
import { type SharedTensorFlowSession, TensorFlowSession } from './session.js';

/** This thread's contexts, by the runtimes of the threads that load models. */
const contexts = new Map<string, Promise<RuntimeContext>>();

export const openSharedSession: SharedSessionModule['openSharedSession'] = async (data): Promise<Session> => {
  const shared = data as SharedTensorFlowSession;
  return TensorFlowSession.ofShared(await contextOf(shared.runtime), shared);
};

function contextOf(runtime: SharedRuntime): Promise<RuntimeContext> {
  let context = contexts.get(runtime.id);
  if (context === undefined) {
    context = openRuntimeContext(runtime, RunSlots.ofShared(runtime.slots), systemClock);
    contexts.set(runtime.id, context);
    context.catch(() => contexts.delete(runtime.id));
  }
  return context;
}
