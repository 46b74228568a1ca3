/** Never holds an old and a new version at once (TensorFlow Serving's `core/resource_preserving_policy.h`). */
import { type AspiredVersionPolicy, loadHighestNew } from './aspired-version-policy.js';

/**
 * Unloads what is wanted no more before it loads anything: the least memory, at the price of a gap in which the model
 * answers `NOT_FOUND`.
 */
export const resourcePreservingPolicy: AspiredVersionPolicy = {
  getNextAction(versions) {
    const unwanted = versions.filter(({ isAspired }) => !isAspired);
    const unload = unwanted.find(({ state }) => state === 'ready');
    if (unload) return { action: 'unload', id: unload.id };
    if (unwanted.some(({ state }) => state !== 'disabled' && state !== 'error')) return undefined;
    return loadHighestNew(versions);
  },
};
