/** The platforms of the model server, and the engines below them. */
import type { Platform } from '@serving/core/extend';
import {
  createEngine,
  type EngineName,
  type Isolation,
  type RunMode,
  type RuntimeDescription,
  type SavedModelRuntime,
} from '@serving/engine';
import { isolatedRuntime } from '@serving/engine/internal';
import { onnxPlatform, onnxRuntime } from '@serving/runtime-onnx';
import { type TensorFlowRuntimeOptions, tensorflowRuntime } from '@serving/runtime-tensorflow';
import {
  autoRuntime,
  type SavedModelOptions,
  savedModelPlatform,
  type WarmupOptions,
  warmUp,
} from '@serving/savedmodel';

/** What `--engine` may name. */
export type EngineChoice = EngineName | 'auto';

/** How models are loaded and run. */
export interface ModelPlatformsOptions {
  readonly engine: EngineChoice;
  readonly isolation: Isolation;
  /** Where runs happen. TFJS's engine has one way only. */
  readonly runMode: RunMode;
  /** How SavedModels are loaded. */
  readonly platform: Omit<SavedModelOptions, 'engine'>;
  readonly runtime: TensorFlowRuntimeOptions;
  readonly maxConcurrentRuns: number;
}

/** `tensorflow` for SavedModels and `onnx` for ONNX models. The caller closes what it has made. */
export interface ModelPlatforms {
  readonly platforms: Readonly<Record<string, Platform>>;
  /** What runs SavedModels, as a line for the log. Rejects with the reason when its library can't be loaded. */
  describe(): Promise<string>;
  close(): Promise<void>;
}

/** Makes both platforms. TensorFlow's engine gets the numbers of threads of its pools before it is described. */
export async function createModelPlatforms(options: ModelPlatformsOptions): Promise<ModelPlatforms> {
  const { engine, isolation, platform, maxConcurrentRuns, runMode } = options;
  const runtime = await makeRuntime(engine, options);
  const warmup: WarmupOptions | false | undefined = platform.warmup;
  return {
    platforms: {
      tensorflow: savedModelPlatform({ ...platform, isolation, engine: runtime }),
      onnx: onnxPlatform({
        isolation,
        maxConcurrentRuns,
        runMode,
        ...(platform.intraOpThreads ? { intraOpThreads: platform.intraOpThreads } : {}),
        ...(warmup !== false && { warmup: (directory, target) => warmUp(directory, target, warmup) }),
      }),
    },
    describe: async () => libraryLine(await (await describedRuntime(runtime, options)).describe()),
    close: async () => runtime.close?.(),
  };
}

/** Such as `ONNX Runtime 1.30.0 at /usr/lib/libonnxruntime.so.1`. */
function libraryLine({ name, libraryVersion, libraryPath }: RuntimeDescription): string {
  return `${name === 'onnx' ? 'ONNX Runtime' : 'TensorFlow'} ${libraryVersion} at ${libraryPath}`;
}

/** The library is not loaded into this process where no model needs it here. */
async function describedRuntime(
  runtime: SavedModelRuntime,
  options: ModelPlatformsOptions,
): Promise<SavedModelRuntime> {
  if (options.isolation === 'none') return runtime;
  return options.engine === 'auto' ? makeRuntime('auto', options, isolatedRuntime) : isolatedRuntime(runtime);
}

async function makeRuntime(
  engine: EngineChoice,
  { runtime, maxConcurrentRuns, runMode }: ModelPlatformsOptions,
  place: (runtime: SavedModelRuntime) => Promise<SavedModelRuntime> = async (own) => own,
): Promise<SavedModelRuntime> {
  switch (engine) {
    case 'tensorflow':
      return tensorflowRuntime({ maxConcurrentRuns, runMode, ...runtime });
    case 'onnx':
      return onnxRuntime({ maxConcurrentRuns, runMode });
    case 'tfjs-node':
      return createEngine(engine, { origin: import.meta.url });
    case 'auto': {
      const tensorflow = tensorflowRuntime({ maxConcurrentRuns, runMode, ...runtime });
      const onnx = onnxRuntime({ maxConcurrentRuns, runMode, strict: true });
      return autoRuntime({ tensorflow: () => place(tensorflow), onnx: () => place(onnx) });
    }
  }
}
