/** What `serving-engine doctor` prints: which library each engine uses and whether it works. */
import { ServingError } from '@serving/core';
import { version as koffiVersion } from 'koffi';
import { createEngine } from '../runtime/create-engine.js';
import type { SavedModelRuntime } from '../runtime/saved-model-runtime.js';
import { type LibraryAttempt, type LibrarySource, lookForLibrary } from './find-library.js';
import { defaultCacheDirectory } from './library-cache.js';
import { type LibraryEngine, nativeLibraries } from './native-library.js';

/** Plain data, for printing. */
export interface Diagnosis {
  readonly nodeVersion: string;
  readonly koffiVersion: string;
  readonly platform: string;
  readonly arch: string;
  readonly cacheDirectory: string;
  /** One for each engine that has a library. */
  readonly engines: readonly EngineDiagnosis[];
}

/** The library of one engine. */
export interface EngineDiagnosis {
  readonly engine: LibraryEngine;
  /** Every place that was searched, in order. */
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

/** Where to search, and what loads the libraries. */
export interface DiagnoseOptions {
  /** Absolute path of where {@link installLibrary} puts libraries. Default: `SERVING_CACHE_DIR`, else the system's folder for caches. */
  readonly cacheDirectory?: string;
  /** The module that the engines are looked up from, before the application's main script. Default: this package. */
  readonly origin?: string;
  /** Makes the engine that loads a library. Default: the installed engine. */
  readonly createRuntime?: (engine: LibraryEngine, options: { readonly libraryPath: string }) => SavedModelRuntime;
}

/** Finds the libraries and loads them, which can't be undone in this process. Never rejects: a failure is part of the result. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const engines: EngineDiagnosis[] = [];
  for (const { engine } of Object.values(nativeLibraries)) engines.push(await diagnoseEngine(engine, options));
  return {
    nodeVersion: process.version,
    koffiVersion,
    platform: process.platform,
    arch: process.arch,
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    engines,
  };
}

async function diagnoseEngine(engine: LibraryEngine, options: DiagnoseOptions): Promise<EngineDiagnosis> {
  const { cacheDirectory, origin, createRuntime } = options;
  const { path, source, tried } = await lookForLibrary({ engine, ...(cacheDirectory && { cacheDirectory }) });
  if (path === undefined || source === undefined) return { engine, tried };
  try {
    const engineOptions = { libraryPath: path };
    const runtime =
      createRuntime?.(engine, engineOptions) ??
      (await createEngine(engine, { ...(origin && { origin }), engineOptions }));
    const { libraryVersion, devices } = await runtime.describe();
    return { engine, tried, library: { path, source, version: libraryVersion, devices } };
  } catch (error) {
    return { engine, tried, library: { path, source, error: ServingError.from(error).message } };
  }
}
