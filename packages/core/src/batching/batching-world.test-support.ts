/** Batched fake servables, with everything around them in a test's hands. */

import { floats, type ManualServable, named } from '../../../test-doubles/src/manual-servable.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { Signature } from '../servable/signature.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { BatchingOptions } from './batching-options.js';
import { type BatchingServable, type BatchingSessionOptions, batchingServable } from './batching-session.js';
import type { BatchingRunOptions, BatchingSessionTask } from './batching-session-task.js';
import { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';

/** How error texts end. */
export const PLACE = '(model m version 1, signature "double")';

/** A clock that advances while a run takes its time. */
class RunningClock extends ManualClock {
  passed = 0;

  override now(): number {
    return super.now() + this.passed;
  }
}

/** One servable `m` on a scheduler of its own. */
export class World<S extends ManualServable> {
  readonly clock = new RunningClock();
  readonly scheduler: SharedBatchScheduler<BatchingSessionTask>;
  readonly servable: S;
  readonly batched: BatchingServable;

  constructor(servable: S, options: BatchingOptions, session: Partial<BatchingSessionOptions> = {}) {
    this.scheduler = new SharedBatchScheduler(options, { clock: this.clock });
    this.servable = servable;
    this.batched = batchingServable(servable, this.scheduler, { id: { name: 'm', version: 1 }, ...session });
  }

  signature(name = 'double'): Signature {
    return this.servable.signatures.get(name)!;
  }

  /** Always a promise. */
  run(x: readonly number[] | NamedTensors, options?: BatchingRunOptions, signature = 'double'): Promise<NamedTensors> {
    const inputs = Array.isArray(x) ? named({ x: floats(x) }) : (x as NamedTensors);
    const outputs = (async () => this.batched.run(this.signature(signature), inputs, options))();
    // Tests check rejections later, or not at all.
    outputs.catch(() => {});
    return outputs;
  }

  /** Lets what waits begin, and what runs end. */
  async finish(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await settle();
      for (const run of [...this.servable.runs]) run.succeed();
    }
    await settle();
  }
}

/** What the model was given: rows of `x`, run by run. */
export function runsOf({ servable }: World<ManualServable>): number[][] {
  return servable.runs.map(({ inputs }) => [...(inputs.x!.data as Float32Array)]);
}

/** The values of output `z`. */
export async function z(outputs: Promise<NamedTensors>): Promise<number[]> {
  return [...((await outputs).z!.data as Float32Array)];
}
