/** What a loaded model offers: its signatures. */
import type { SignatureDefMap } from './signature-def.js';

export interface ModelMetadata {
  readonly modelSpec: { readonly name: string; readonly version: number };
  readonly signatureDef: SignatureDefMap;
}
