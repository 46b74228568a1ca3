/** What the ways of installing share. */
import type { Clock } from '@serving/core/extend';
import type { NativeLibrary } from '../library/native-library.js';
import type { KnownFilesCheck } from './known-files.js';

/** The progress of an installation. */
export interface InstallProgress {
  readonly phase: 'download' | 'unpack';
  /** Bytes so far. */
  readonly done: number;
  /** Bytes in all, where that is known. */
  readonly total?: number;
}

/** The options and the clock that each way of installing gets. */
export interface InstallContext extends KnownFilesCheck {
  readonly library: NativeLibrary;
  readonly cacheDirectory: string;
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
}
