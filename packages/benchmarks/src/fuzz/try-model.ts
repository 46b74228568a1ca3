/** Loads a version folder, which may be damaged, and runs each of its signatures once. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ErrorCode, ModelServer, ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import { createTensor, dataTypeInfo, isTensorDataType, StringArray, type Tensor } from '@serving/core/tensor';
import { onnxPlatform } from '@serving/runtime-onnx';
import { savedModelPlatform } from '@serving/savedmodel';
import { RandomSource } from './random-source.js';

/** How a trial ended: the model's load failed, a run failed, or all was answered. */
export interface TrialOutcome {
  readonly stage: 'load' | 'run' | 'answered';
  readonly code?: ErrorCode;
  readonly message?: string;
}

/** Larger inputs are not made. */
const MAX_ELEMENTS = 1_000_000;
/** Signatures for initializers. */
const INTERNAL_PREFIX = '__saved_model';
/** A damaged loop may never end by itself. */
const RUN_MS = 2000;

/**
 * Tries the only version of a base path. Never rejects: what is no `ServingError` is `INTERNAL`.
 *
 * @param seed chooses the values of the inputs
 */
export async function tryModel(folder: string, seed: number): Promise<TrialOutcome> {
  const random = new RandomSource(seed);
  let server: ModelServer;
  try {
    server = await ModelServer.start({
      models: [
        {
          name: 'm',
          basePath: dirname(folder),
          platform: existsSync(join(folder, 'model.onnx')) ? 'onnx' : 'saved_model',
        },
      ],
      platforms: {
        onnx: onnxPlatform({ runMode: 'thread' }),
        saved_model: savedModelPlatform({ engine: 'onnx', onnx: { runMode: 'thread' }, warmup: false }),
      },
      maxNumLoadRetries: 0,
      pollIntervalMs: 'once',
    });
  } catch (error) {
    return outcome('load', error);
  }
  let signatures: readonly Signature[];
  try {
    const handle = server.getServableHandle({ model: 'm' });
    signatures = [...handle.servable.signatures.values()];
    handle.release();
  } catch (error) {
    await server.close();
    return outcome('load', ServingError.from(error).cause ?? error);
  }
  try {
    for (const signature of signatures) {
      if (signature.name.startsWith(INTERNAL_PREFIX)) continue;
      const inputs = inputsOf(signature, random);
      if (inputs !== undefined)
        await server.predict({ model: 'm', signatureName: signature.name, inputs, timeoutMs: RUN_MS });
    }
    return { stage: 'answered' };
  } catch (error) {
    return outcome('run', error);
  } finally {
    await server.close();
  }
}

function outcome(stage: 'load' | 'run', error: unknown): TrialOutcome {
  const { code, message } = ServingError.from(error, 'INTERNAL');
  return { stage, code, message };
}

/** Small values of the declared shapes, unknown sizes chosen; `undefined` where they would be too many or are of no type of ours. */
function inputsOf({ inputs }: Signature, random: RandomSource): Record<string, Tensor> | undefined {
  const values: Record<string, Tensor> = {};
  const rows = 1 + random.below(3);
  for (const [alias, { dtype, shape }] of inputs) {
    const sizes = (shape ?? [rows]).map((size, axis) => (size >= 0 ? size : axis === 0 ? rows : 1 + random.below(3)));
    const count = sizes.reduce((product, size) => product * size, 1);
    if (count > MAX_ELEMENTS || !isTensorDataType(dtype)) return undefined;
    if (dtype === 'string') {
      const texts = Array.from({ length: count }, () => String(random.below(9)));
      values[alias] = createTensor('string', sizes, StringArray.from(texts));
      continue;
    }
    const { array: ArrayOfType, width } = dataTypeInfo(dtype);
    const data = new ArrayOfType!(count * width);
    const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
    for (let i = 0; i < data.length; i++) data[i] = isBig ? BigInt(random.below(3)) : random.below(3);
    values[alias] = createTensor(dtype, sizes, data as never);
  }
  return values;
}
