/** The protocol's statistics of ready versions. */
import { ServingError } from '@serving/core';
import { type Clock, toVersion } from '@serving/core/extend';
import { threadAnswersOf } from '@serving/core/internal';
import type { ModelCatalog } from './model-catalog.js';
import type { RequestedModel } from './requested-model.js';
import { servedVersionOf } from './served-version.js';
import { addStatistics, type ModelStatistics } from './statistics-answer.js';
import type { StatisticDuration, VersionStatistics } from './version-statistics.js';

/** The question that each serving thread answers for its own requests. */
const QUESTION = '@serving/open-inference/statistics';

/** Whose statistics, and by which clock. */
export interface StatisticsContext {
  readonly catalog: ModelCatalog;
  readonly clock: Clock;
}

/** Has {@link modelStatistics} of every thread count the requests of this one. */
export function answerStatistics(context: StatisticsContext): void {
  threadAnswersOf(context.catalog.server).register(QUESTION, (spec: RequestedModel | undefined) =>
    threadStatistics(context, spec),
  );
}

/**
 * Statistics of the versions that are ready: of all models, of one, or of one version. They count the requests of all serving threads.
 *
 * @throws ServingError `NOT_FOUND` for a model or version that is not ready.
 */
export async function modelStatistics(
  context: StatisticsContext,
  spec: RequestedModel | undefined,
): Promise<ModelStatistics[]> {
  const asked = threadStatistics(context, spec);
  const threads = await threadAnswersOf(context.catalog.server).gather<readonly ModelStatistics[]>(QUESTION, spec);
  return asked.map((own) => {
    const { name, version } = own;
    const counted = threads.flatMap((all) => all.filter((each) => each.name === name && each.version === version));
    return counted.length === 0 ? own : counted.reduce(addStatistics);
  });
}

/** Those of this thread's requests. @throws ServingError as {@link modelStatistics} */
function threadStatistics({ catalog, clock }: StatisticsContext, spec: RequestedModel | undefined): ModelStatistics[] {
  // Times of the clock that counts up to those of the calendar.
  const epoch = clock.wallTime() - clock.now();
  if (spec === undefined) return catalog.names.flatMap((model) => ofModel(catalog, model, epoch));
  try {
    if (spec.version !== undefined || spec.label !== undefined) return [ofVersion(catalog, spec, epoch)];
    catalog.hold(spec).release();
  } catch (reason) {
    const error = ServingError.from(reason);
    // Statistics of a model that is not ready are as unknown as those of any other.
    throw error.code === 'UNAVAILABLE' ? ServingError.notFound(error.message, { cause: error }) : error;
  }
  return ofModel(catalog, spec.model, epoch);
}

function ofModel(catalog: ModelCatalog, model: string, epoch: number): ModelStatistics[] {
  const versions = catalog.availableVersions(model);
  return versions.map((version) => ofVersion(catalog, { model, version: toVersion(version)! }, epoch));
}

function ofVersion(catalog: ModelCatalog, spec: RequestedModel, epoch: number): ModelStatistics {
  const handle = catalog.hold(spec);
  try {
    return shown(handle.id.name, String(handle.id.version), servedVersionOf(handle.servable).statistics, epoch);
  } finally {
    handle.release();
  }
}

function shown(name: string, version: string, statistics: VersionStatistics, epoch: number): ModelStatistics {
  const { lastInference } = statistics;
  const sizes = [...statistics.batches].sort(([a], [b]) => a - b);
  return {
    name,
    version,
    last_inference: lastInference === undefined ? 0 : Math.floor(epoch + lastInference),
    inference_count: statistics.inferenceCount,
    execution_count: statistics.executionCount,
    inference_stats: {
      success: statistics.success.toJSON(),
      fail: statistics.fail.toJSON(),
      queue: statistics.queue.toJSON(),
      compute_input: statistics.computeInput.toJSON(),
      compute_infer: statistics.computeInfer.toJSON(),
      compute_output: statistics.computeOutput.toJSON(),
      cache_hit: NONE,
      cache_miss: NONE,
    },
    response_stats: {},
    batch_stats: sizes.map(([batch_size, { input, infer, output }]) => ({
      batch_size,
      compute_input: input.toJSON(),
      compute_infer: infer.toJSON(),
      compute_output: output.toJSON(),
    })),
    memory_usage: [],
  };
}

const NONE: StatisticDuration = { count: 0, ns: 0 };
