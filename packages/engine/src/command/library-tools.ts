/** What the commands do with the library. Loaded when a command needs it: it brings the parts that install and call native libraries. */
import { installLibrary } from '../install/install-library.js';
import { diagnose } from '../library/diagnose.js';
import { findLibrary } from '../library/find-library.js';

/** The tools; a test gives its own. */
export interface LibraryTools {
  /** Finds the library. */
  readonly findLibrary: typeof findLibrary;
  /** Brings it where it is missing. */
  readonly installLibrary: typeof installLibrary;
  /** Examines it. */
  readonly diagnose: typeof diagnose;
}

export const libraryTools: LibraryTools = { findLibrary, installLibrary, diagnose };
