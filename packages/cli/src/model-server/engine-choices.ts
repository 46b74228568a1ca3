/** The values of `--engine`. */
import type { EngineName } from '@serving/engine';

export const engineChoices: readonly ('auto' | EngineName)[] = ['auto', 'onnx', 'tensorflow', 'tfjs-node'];
