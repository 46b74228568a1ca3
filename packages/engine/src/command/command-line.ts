/** The process of a command that ends by itself. */
import { constants } from 'node:os';
import { endOnWriteError, flushed } from './standard-streams.js';

/**
 * Runs a command and ends the process with the exit code that it resolves to. SIGINT, SIGTERM and a closed stdout abort `signal`, so
 * that the command can clean up; the second of them ends the process at once.
 *
 * @param program the name that error messages begin with
 */
export async function runCommandLine(
  program: string,
  command: (signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const end = (code: number): void => {
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => end(128 + constants.signals[signal]));
  }
  endOnWriteError(program, process, end);
  const code = await command(controller.signal);
  await flushed(process.stdout);
  process.exit(exitCode ?? code);
}
