/** The native functions of this thread that isolation needs. */
import { type Libc, loadLibc } from '../../native/libc.js';
import { declarePosix, type PosixFunctions } from '../memory/posix-functions.js';

export interface IsolationNative {
  readonly libc: Libc;
  readonly posix: PosixFunctions;
}

let declared: IsolationNative | undefined;

/** Declares them at the first call. */
export function isolationNative(): IsolationNative {
  if (declared === undefined) {
    const libc = loadLibc();
    declared = { libc, posix: declarePosix(libc) };
  }
  return declared;
}
