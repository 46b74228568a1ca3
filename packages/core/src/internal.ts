/**
 * What the wire APIs and the engines of this project share with core. Nobody else is to import it: it changes without notice, outside
 * semantic versioning.
 *
 * @module @serving/core/internal
 */

export { abortCause, type CallLimits, DeadlineTimer, limitError, limitsOf } from './inference/call-limits.js';
export { classify } from './inference/classify.js';
export type { Caller, GraphCall, InferenceCall } from './inference/inference-call.js';
export { multiInference } from './inference/multi-inference.js';
export { predict } from './inference/predict.js';
export {
  type HandleSource,
  type PredictionService,
  predictionServiceOf,
  serviceOfVersion,
} from './inference/prediction-service.js';
export { regress } from './inference/regress.js';
export { type LookupErrors, missingSignature } from './inference/signature-lookup.js';
export { type BufferPool, bufferPoolOf } from './memory/buffer-pool.js';
export { FairSlots, type SlotMember } from './scheduling/fair-slots.js';
