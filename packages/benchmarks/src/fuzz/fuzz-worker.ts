/** The process that tries damaged models: a case comes as a message, its result goes back as one. */
import { resourceUsage } from 'node:process';
import type { FuzzCase } from './fuzz-case.js';
import { writeFuzzCase } from './fuzz-case.js';
import { type TrialOutcome, tryModel } from './try-model.js';

/** What a trial took besides. */
export interface TrialResult extends TrialOutcome {
  readonly cpuMs: number;
  /** By how much the most memory that the process ever had has grown. */
  readonly grownBytes: number;
}

const [target = ''] = process.argv.slice(2);

process.on('message', async (each: FuzzCase) => {
  await writeFuzzCase(each, target);
  const before = resourceUsage();
  const outcome = await tryModel(target, each.seed);
  const after = resourceUsage();
  const result: TrialResult = {
    ...outcome,
    cpuMs: (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1000,
    grownBytes: (after.maxRSS - before.maxRSS) * 1024,
  };
  process.send!(result);
});
