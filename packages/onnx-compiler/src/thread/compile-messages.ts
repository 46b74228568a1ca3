/** What the thread that compiles is given, and what it answers. */
import type { ErrorCode } from '@serving/core';
import type { CompiledSavedModel, CompileOptions } from '../compile-saved-model.js';

/** The arguments of `compileSavedModel`. */
export interface CompileRequest {
  readonly directory: string;
  readonly tags: readonly string[];
  readonly options: CompileOptions;
}

/** Programs that can be posted, and the signatures whose programs hold functions; or an error. */
export type CompileReply =
  | ({ readonly ok: true; readonly left: readonly string[] } & CompiledSavedModel)
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
