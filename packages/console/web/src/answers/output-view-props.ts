import type { NamedTensors } from '../requests/answer.js';
import type { Tensor } from '../tensors/tensor.js';

/** What each view of an output gets. */
export interface OutputViewProps {
  readonly name: string;
  readonly tensor: Tensor;
  /** All outputs of the answer: another one may hold the names of classes. */
  readonly outputs: NamedTensors;
}
