/** What `serving-engine doctor` tells: which library is used and whether it works. */

import { ServingError } from '@serving/core';
import { version as koffiVersion } from 'koffi';
import { createEngine } from '../runtime/create-engine.js';
import type { SavedModelRuntime } from '../runtime/saved-model-runtime.js';
import { type FindLibraryOptions, type LibraryAttempt, type LibrarySource, lookForLibrary } from './find-library.js';
import { defaultCacheDirectory } from './library-cache.js';

/** Plain data, for printing. */
export interface Diagnosis {
  readonly nodeVersion: string;
  readonly koffiVersion: string;
  readonly platform: string;
  readonly arch: string;
  readonly cacheDirectory: string;
  /** Every place that was looked at, in order. */
  readonly tried: readonly LibraryAttempt[];
  /** Absent when no library was found. */
  readonly library?: {
    readonly path: string;
    readonly source: LibrarySource;
    /** Present when it loads. */
    readonly version?: string;
    readonly devices?: readonly string[];
    /** Why it doesn't load. */
    readonly error?: string;
  };
}

/** Where to look, and what tries the library. */
export interface DiagnoseOptions extends Omit<FindLibraryOptions, 'engine'> {
  /** The module that the engine is looked up from, before the application's main script. Default: this package. */
  readonly origin?: string;
  /** Makes the engine that loads the library. Default: the installed engine `tensorflow`. */
  readonly createRuntime?: (options: { readonly libraryPath: string }) => SavedModelRuntime;
}

/** Looks the library up and loads it, which can't be undone in this process. Never rejects: a failure is part of the result. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { path, source, tried } = await lookForLibrary({ ...options, engine: 'tensorflow' });
  const base = {
    nodeVersion: process.version,
    koffiVersion,
    platform: process.platform,
    arch: process.arch,
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    tried,
  };
  if (path === undefined || source === undefined) return base;
  try {
    const engineOptions = { libraryPath: path };
    const { origin, createRuntime } = options;
    const runtime =
      createRuntime?.(engineOptions) ??
      (await createEngine('tensorflow', { ...(origin && { origin }), engineOptions }));
    const { libraryVersion, devices } = await runtime.describe();
    return { ...base, library: { path, source, version: libraryVersion, devices } };
  } catch (error) {
    return { ...base, library: { path, source, error: ServingError.from(error).message } };
  }
}
