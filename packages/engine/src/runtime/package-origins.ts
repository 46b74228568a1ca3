/** From where packages that a host may have installed are looked up. */
import { isAbsolute } from 'node:path';

/** Flags after which the first argument is not a script. */
const EVALUATES = /^(?:-p|-e|-pe|--eval|--print)(?:=|$)/;

/**
 * The files whose `node_modules` folders, and those above them, count: the caller's own, then the application's main script. Never the
 * working folder, which is not trusted.
 */
export function packageOrigins(own: string): readonly string[] {
  const script = process.argv[1];
  const isScript = script !== undefined && isAbsolute(script) && !process.execArgv.some((flag) => EVALUATES.test(flag));
  return isScript ? [own, script] : [own];
}
