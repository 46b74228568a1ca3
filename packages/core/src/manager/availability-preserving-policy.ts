/** Never leaves a model without a version while one is wanted (TensorFlow Serving's `core/availability_preserving_policy.h`). */
import {
  type AspiredServableStateSnapshot,
  type AspiredVersionPolicy,
  loadHighestNew,
} from './aspired-version-policy.js';

/**
 * Loads the new version first and unloads the old one when the new one is ready, so both are in memory for a moment. A
 * new version that fails to load leaves the old one serving. The default of `ModelServer`.
 */
export const availabilityPreservingPolicy: AspiredVersionPolicy = {
  getNextAction(versions) {
    const unwanted = versions.filter(({ state, isAspired }) => state === 'ready' && !isAspired);
    const mayUnload =
      unwanted.length > 1 ||
      !versions.some(({ isAspired }) => isAspired) ||
      versions.some(({ state, isAspired }) => state === 'ready' && isAspired);
    if (mayUnload && unwanted.length > 0) {
      return { action: 'unload', id: unwanted.reduce(lower).id };
    }
    return loadHighestNew(versions);
  },
};

function lower(a: AspiredServableStateSnapshot, b: AspiredServableStateSnapshot): AspiredServableStateSnapshot {
  return b.id.version < a.id.version ? b : a;
}
