/** What a process does when its stdout or stderr can't be written: the reader of a pipe is gone, a disk is full. */
import { constants } from 'node:os';

/** What a command needs of its stdout and stderr. */
export type OutputStream = Pick<NodeJS.WriteStream, 'on' | 'write'>;

/** Drops what cannot be written. Each later line is tried again, so that a server keeps running. */
export function ignoreWriteErrors(...streams: readonly OutputStream[]): void {
  for (const stream of streams) stream.on('error', () => undefined);
}

/**
 * For a command whose result is what it prints. Its end is called with an exit code when stdout can't be written: that of
 * SIGPIPE, and no word, when the reader has gone (`| head`); 1, and why, otherwise. What can't be written to stderr is dropped.
 */
export function endOnWriteError(
  program: string,
  { stdout, stderr }: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  end: (exitCode: number) => void,
): void {
  ignoreWriteErrors(stderr);
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return end(128 + constants.signals.SIGPIPE);
    stderr.write(`${program}: stdout: ${error.message}\n`);
    end(1);
  });
}

/** Resolves when all that was written is on its way, or has failed and been reported. */
export async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
