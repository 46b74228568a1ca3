/** What `serving doctor` tells: which library is used and whether it works. */

import { ServingError } from '@serving/core';
import { version as koffiVersion } from 'koffi';
import { tensorflowRuntime } from '../tensorflow-runtime.js';
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
  /** Absent when there is no library. */
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

/** Looks the library up and loads it, which can't be undone in this process. Never rejects: what fails is part of the answer. */
export async function diagnose(options: FindLibraryOptions = {}): Promise<Diagnosis> {
  const { path, source, tried } = await lookForLibrary(options);
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
    const { libraryVersion, devices } = await tensorflowRuntime({ libraryPath: path }).describe();
    return { ...base, library: { path, source, version: libraryVersion, devices } };
  } catch (error) {
    return { ...base, library: { path, source, error: ServingError.from(error).message } };
  }
}
