/**
 * The commands as functions, for those who start them from their own programs: {@link startTensorFlowModelServer}, {@link runSavedModelCli},
 * {@link runServing}.
 *
 * @module @serving/cli
 */

export type { ShutdownOutcome } from './model-server/shutdown.js';
export { type RunningModelServer, startTensorFlowModelServer } from './model-server/tensorflow-model-server.js';
export { runSavedModelCli, type SavedModelCliOptions } from './saved-model-cli/saved-model-cli.js';
export { runServing, type ServingCommandOptions } from './serving/serving.js';
