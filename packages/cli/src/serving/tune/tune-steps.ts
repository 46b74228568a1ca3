/** Which configurations are tried, one option after the other. */
import { settingsText, type TunedEngine, type TuneSettings } from './tune-settings.js';

/** Whether requests may run in batches: proven by the compiler, possible by the shapes alone, or not possible. */
export type Batching = 'safe' | 'unproven' | 'none';

/** What decides on the steps. */
export interface TuneFacts {
  /** What every configuration has. */
  readonly base: TuneSettings;
  /** Those that can run the model; the first is that of `base`. */
  readonly engines: readonly [TunedEngine, ...TunedEngine[]];
  /** Whether it is an ONNX model, which one engine runs. */
  readonly isOnnxModel: boolean;
  readonly batching: Batching;
  readonly processors: number;
  /** Rows of the requests that are sent at a time. */
  readonly rowsAtOnce: number;
}

/** One option, the others being as in the best configuration so far. */
export interface TuneStep {
  readonly title: string;
  /** Whether one of the configurations may become the best one. */
  readonly mayWin: boolean;
  /** Returns what is compared with the best configuration so far, which is not among them. */
  configurations(best: TuneSettings): readonly TuneSettings[];
}

const BATCH_SIZES = [8, 32, 128];
/** The default of `maxEnqueuedBatches`. */
const DEFAULT_ENQUEUED_BATCHES = 10;

/** The steps in order, without those that have nothing to try. */
export function tuneSteps(facts: TuneFacts): readonly TuneStep[] {
  const { batching } = facts;
  const steps: TuneStep[] = [
    {
      title: facts.isOnnxModel ? 'intra-op threads' : 'engine and intra-op threads',
      mayWin: true,
      configurations: () => enginesAndThreads(facts),
    },
    { title: 'batching', mayWin: batching === 'safe', configurations: (best) => batches(facts, best) },
    {
      title: 'serving threads',
      mayWin: true,
      configurations: (best) => fewerThreads(facts.processors).map((servingThreads) => ({ ...best, servingThreads })),
    },
    {
      title: 'inline and threaded runs',
      mayWin: true,
      configurations: (best) =>
        (['inline', 'thread'] as const).map((runMode) => ({ ...withEngine(facts, best), runMode })),
    },
    {
      title: 'weights',
      mayWin: true,
      configurations: (best) =>
        engineOf(facts, best) === 'onnx' ? [{ ...withEngine(facts, best), weights: 'mapped' }] : [],
    },
  ];
  return steps.filter((step) => step.configurations(facts.base).length > 0 || step.title === 'weights');
}

function engineOf({ engines }: TuneFacts, { engine }: TuneSettings): TunedEngine {
  return engine ?? engines[0];
}

/** Options of an engine are given together with its name. */
function withEngine(facts: TuneFacts, settings: TuneSettings): TuneSettings {
  return facts.isOnnxModel ? settings : { ...settings, engine: engineOf(facts, settings) };
}

function enginesAndThreads(facts: TuneFacts): readonly TuneSettings[] {
  const { base, engines, processors, isOnnxModel } = facts;
  const own = settingsText(withEngine(facts, base));
  return engines
    .flatMap((engine) =>
      [1, processors]
        .filter((threads, i, all) => all.indexOf(threads) === i)
        .map((threads) => ({
          ...base,
          ...(!isOnnxModel && { engine }),
          // ONNX Runtime's default is one; that of TensorFlow goes by the model.
          ...((engine === 'tensorflow' || threads > 1) && { intraOpThreads: threads }),
        })),
    )
    .filter((settings) => settingsText(settings) !== own);
}

function batches({ batching, rowsAtOnce }: TuneFacts, best: TuneSettings): readonly TuneSettings[] {
  if (batching === 'none') return [];
  // Larger ones than the load can fill are like the first that it can't.
  const sizes = BATCH_SIZES.filter((_, i) => i === 0 || BATCH_SIZES[i - 1]! < rowsAtOnce);
  return sizes.map((maxBatchSize) => {
    const enqueued = Math.ceil(rowsAtOnce / maxBatchSize);
    return {
      ...best,
      maxBatchSize,
      ...(enqueued > DEFAULT_ENQUEUED_BATCHES && { maxEnqueuedBatches: 2 * enqueued }),
    };
  });
}

function fewerThreads(processors: number): readonly number[] {
  return [1, processors >> 1].filter(
    (threads, i, all) => threads < processors && threads > 0 && all.indexOf(threads) === i,
  );
}
