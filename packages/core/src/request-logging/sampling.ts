/** Which requests are logged. */
import type { SamplingConfig, ServerTask } from './logging-config.js';

/** The rate for this server: that of the first entry that is for its task, or else the common one. */
export function samplingRateOf(
  { samplingRate, perTaskSamplingConfigs = [] }: SamplingConfig,
  task: ServerTask,
): number {
  const own = perTaskSamplingConfigs.find(
    ({ dc, taskIndex }) => (!dc || dc === task.dc) && (taskIndex === undefined || taskIndex === task.taskIndex),
  );
  return own?.samplingRate ?? samplingRate;
}

/** Draws for one request. @param random gives numbers from 0 to less than 1. */
export function isSampled(samplingRate: number, random: () => number): boolean {
  if (samplingRate >= 1) return true;
  return samplingRate > 0 && random() < samplingRate;
}
