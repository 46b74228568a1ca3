/** SavedModels that another thread has loaded. Loaded by its URL in serving threads. */
import type { SharedServableModule } from '@serving/core/extend';
import type { SharedSessionModule } from '@serving/engine';
import type { SharedSavedModel } from './saved-model-facts.js';
import { SavedModelServable } from './saved-model-servable.js';

export const openSharedServable: SharedServableModule['openSharedServable'] = async (data) => {
  const { session: shared, signatureDefs, facts, options, model, engine } = data as SharedSavedModel;
  const module = (await import(shared.module)) as SharedSessionModule;
  const session = await module.openSharedSession(shared.data);
  const servable = new SavedModelServable(session, signatureDefs, {
    ...options,
    ...(facts && { facts }),
    ...(model !== undefined && { model }),
    engine,
  });
  return { servable, close: () => servable.close() };
};
