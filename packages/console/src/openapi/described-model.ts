/** What an OpenAPI document is made of. */
import type { InputExample, SignatureInfo } from '../api/console-api.js';

/** A model as its document describes it. */
export interface DescribedModel {
  readonly name: string;
  /** The version whose signatures these are. */
  readonly version?: string;
  readonly signatures: readonly SignatureInfo[];
  /** Inputs that are shown as examples. */
  readonly examples?: readonly InputExample[];
}
