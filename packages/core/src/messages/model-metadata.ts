/** What a loaded model offers: its signatures. */
import type { Version } from '../servable/version.js';
import type { SignatureDefMap } from './signature-def.js';

/** The version that a request would have been answered by, and its signatures. */
export interface ModelMetadata {
  readonly model: string;
  readonly version: Version;
  readonly signatureDef: SignatureDefMap;
}
