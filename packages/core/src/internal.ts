/**
 * What the wire APIs and the engines of this project share with core. Applications must not import it: it changes without notice,
 * outside semantic versioning.
 *
 * @module @serving/core/internal
 */

export { acceptBursts } from './accept-bursts.js';
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
export { errorText } from './logging/error-text.js';
export { consoleLogger, isConsole, lineLogger, wantsColors } from './logging/line-logger.js';
export { type LogFormat, logFormats, plainError } from './logging/log-line.js';
export { errorFields, idFields, startModelLog } from './logging/model-log.js';
export { printableError } from './logging/printable-error.js';
export { serverSummary, statusesOf } from './logging/server-summary.js';
export { markLogged } from './logging/start-warning.js';
export { bufferPoolOf } from './memory/buffer-pool.js';
export { nameHint, nearestName } from './nearest-name.js';
export { prometheusLabelValue } from './printable-text.js';
export { FairSlots, type SlotMember } from './scheduling/fair-slots.js';
export { type QueuedWork, SliceQueue, sliceQueue } from './scheduling/slice-queue.js';
export { versionToJson } from './servable/version.js';
export { checkModelServer, checkOptionNames, type OptionNames } from './server/config/option-names.js';
export {
  checkOptions,
  type OptionKind,
  type OptionRow,
  type OptionsTable,
  optionKinds,
} from './server/config/options-table.js';
export { type ModelControl, modelControlOf } from './server/model-control.js';
export { socketOfDescriptor } from './socket-of-descriptor.js';
export { missingFolderHint } from './source/missing-folder-hint.js';
export { basePathHint, fileAsBasePathHint, MODEL_LIST, OR_UNVERSIONED } from './source/model-folder-hint.js';
export { unservedFileHint, WITH_ONNX_PLATFORM } from './source/unserved-formats.js';
export { grpcNumber, httpStatus, statusCodeFromNumber } from './status-code.js';
export { bytesFromText, textFromBytes } from './tensor/byte-text.js';
export { tensorFromBytesInSlices } from './tensor/tensor-bytes.js';
export { builtModuleUrl } from './threads/built-module-url.js';
export {
  type ServingThreads,
  servingThreadsOf,
  type ThreadService,
  threadSupportOf,
} from './threads/main/serving-threads.js';
export { fromPlainError, type PlainError, toPlainError } from './threads/plain-error.js';
export { postableModule } from './threads/postable-module.js';
export type { ThreadServiceContext, ThreadServiceModule, ThreadServicePart } from './threads/serving/thread-service.js';
export { type ThreadAnswers, threadAnswersOf } from './threads/thread-answers.js';
export type { ServicePart, ThreadServiceSpec } from './threads/thread-service-spec.js';
export { threadShare } from './threads/thread-share.js';
