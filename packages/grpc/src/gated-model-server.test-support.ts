/** A model server whose one model, `double`, runs when the test says so. */
import { fileURLToPath } from 'node:url';
import { ModelServer } from '@serving/core';
import {
  type Clock,
  type InferenceServable,
  platformFromLoader,
  type RunOptions,
  simpleLoader,
  type TensorSpec,
} from '@serving/core/extend';
import { createTensor, type NamedTensors } from '@serving/core/tensor';

export interface GatedModelServer {
  readonly modelServer: ModelServer;
  /** Options of the runs so far. */
  readonly runs: readonly RunOptions[];
  /** Resolves when so many runs have begun. */
  started(count: number): Promise<void>;
  /** Lets all runs finish, those to come too. */
  open(): void;
  /** Makes runs fail with this from now on. */
  failWith(reason: unknown): void;
}

export async function gatedModelServer({
  open = true,
  clock,
}: {
  open?: boolean;
  clock?: Clock;
} = {}): Promise<GatedModelServer> {
  const gate = new Gate(open);
  const modelServer = await ModelServer.start({
    models: [{ name: 'double', basePath: folderWithVersions, platform: 'gated' }],
    platforms: { gated: platformFromLoader(() => simpleLoader({ load: () => gate })) },
    ...(clock && { clock }),
  });
  return {
    modelServer,
    runs: gate.runs,
    started: (count) => gate.started(count),
    open: () => gate.open(),
    failWith: (reason) => gate.failWith(reason),
  };
}

const folderWithVersions = fileURLToPath(new URL('../../savedmodel/fixtures/half_plus_two_tf2', import.meta.url));
const x: TensorSpec = { name: 'x', dtype: 'float', shape: [-1] };
const y: TensorSpec = { name: 'y', dtype: 'float', shape: [-1] };

class Gate implements InferenceServable {
  readonly signatures = new Map([
    [
      'serving_default',
      {
        name: 'serving_default',
        methodName: 'tensorflow/serving/predict',
        inputs: new Map([['x', x]]),
        outputs: new Map([['y', y]]),
        defaults: new Map(),
      },
    ],
  ]);
  readonly runs: RunOptions[] = [];
  #waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #open: () => void = () => undefined;
  readonly #opened: Promise<void> = new Promise((resolve) => {
    this.#open = resolve;
  });

  constructor(open: boolean) {
    if (open) this.open();
  }

  async run(_: unknown, inputs: NamedTensors, options: RunOptions = {}): Promise<NamedTensors> {
    this.runs.push(options);
    this.#waiters = this.#waiters.filter(({ count, resolve }) => this.runs.length < count || resolve());
    await this.#opened;
    if (this.#failure) throw this.#failure.reason;
    const values = inputs.x!.data as Float32Array;
    return Object.assign(Object.create(null), {
      y: createTensor(
        'float',
        inputs.x!.shape,
        values.map((value) => 2 * value),
      ),
    });
  }

  open(): void {
    this.#open();
  }

  failWith(reason: unknown): void {
    this.#failure = { reason };
  }

  started(count: number): Promise<void> {
    if (this.runs.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }
}
