/**
 * What the wire APIs and the engines of this project share with core. Applications must not import it: it changes without notice,
 * outside semantic versioning.
 *
 * @module @serving/core/internal
 */

export { acceptQueued } from './accept-queued.js';
export { checkBindable } from './bindable-address.js';
export { loadExtensions } from './extension-module.js';
export { descriptorLimit } from './files/descriptor-limit.js';
export { abortCause, type CallLimits, DeadlineTimer, limitError, limitsOf } from './inference/call-limits.js';
export { classify } from './inference/classify.js';
export { toExampleInput } from './inference/example-input.js';
export { type Caller, InferenceCall, SessionRunCall } from './inference/inference-call.js';
export { multiInference } from './inference/multi-inference.js';
export {
  type HandleSource,
  type PredictionService,
  predictionServiceOf,
  serviceOfVersion,
} from './inference/prediction-service.js';
export { regress } from './inference/regress.js';
export { type LookupErrors, missingSignature } from './inference/signature-lookup.js';
export { checkOutputFilter, toInputs } from './inference/to-inputs.js';
export { bufferPoolOf } from './memory/buffer-pool.js';
export { prometheusLabelValue } from './printable-text.js';
export { FairSlots, type SlotMember } from './scheduling/fair-slots.js';
export { versionToJson } from './servable/version.js';
export { checkModelServer, checkOptionNames, nearestName, type OptionNames } from './server/config/option-names.js';
export {
  checkOptions,
  type OptionKind,
  type OptionRow,
  type OptionsTable,
  optionKinds,
} from './server/config/options-table.js';
export { type ModelControl, modelControlOf } from './server/model-control.js';
export { grpcNumber, httpStatus, statusCodeFromNumber } from './status-code.js';
export { bytesFromText, textFromBytes } from './tensor/byte-text.js';
export { tensorFromBytesInSlices } from './tensor/tensor-bytes.js';
