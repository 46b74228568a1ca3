/** Runs a command and waits for it. */
import { spawn } from 'node:child_process';
import { ServingError } from '@serving/core';
import type { Clock } from '@serving/core/extend';

export interface ChildCommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  /** The command is ended when it runs longer than this. Default: no limit. */
  readonly timeoutMs?: number;
  /** Called every quarter of a second while it runs; `false` ends it. */
  readonly poll?: () => Promise<boolean>;
  /** Gets every piece of output; `false` ends the command, which then counts as successful. */
  readonly onOutput?: (text: string) => boolean;
}

export interface ChildCommandResult {
  readonly stdout: string;
  /** The end of both outputs, for error texts. */
  readonly tail: string;
}

const POLL_MS = 250;
const TAIL_LENGTH = 2000;

/**
 * Resolves when the command ends with code 0.
 *
 * @throws ServingError `CANCELLED` when `signal` aborts, `UNAVAILABLE` with the last of its output otherwise.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: ChildCommandOptions,
): Promise<ChildCommandResult> {
  const { env, cwd, signal, clock, timeoutMs, poll, onOutput } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new ServingError('CANCELLED', 'The installation was cancelled'));
    const child = spawn(command, args, {
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const cancels: (() => void)[] = [];
    let stdout = '';
    let tail = '';
    let ended: 'timeout' | 'enough' | undefined;
    const end = (reason: 'timeout' | 'enough'): void => {
      ended ??= reason;
      child.kill('SIGKILL');
    };
    const take = (text: string): void => {
      tail = (tail + text).slice(-TAIL_LENGTH);
      if (onOutput?.(text) === false) end('enough');
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    let unread: Error | undefined;
    for (const stream of [child.stdout, child.stderr]) stream.on('error', (error) => (unread ??= error));
    const onAbort = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeoutMs !== undefined) cancels.push(clock.setTimer(() => end('timeout'), timeoutMs));
    if (poll !== undefined) cancels.push(pollWhile(clock, poll, () => end('timeout')));
    const finish = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      for (const cancel of cancels) cancel();
      settle();
    };
    child.on('error', (cause) =>
      finish(() => reject(new ServingError('UNAVAILABLE', `${command}: ${cause.message}`, { cause }))),
    );
    child.on('close', (code, killedBy) =>
      finish(() => {
        if (signal?.aborted) return reject(new ServingError('CANCELLED', 'The installation was cancelled'));
        if (ended === 'enough' || (code === 0 && ended === undefined && unread === undefined)) {
          return resolve({ stdout, tail });
        }
        if (unread !== undefined && ended === undefined) {
          const message = `The output of ${command} can't be read: ${unread.message}`;
          return reject(new ServingError('UNAVAILABLE', message, { cause: unread }));
        }
        const end = ended === 'timeout' ? 'took too long' : `ended with ${killedBy ?? `code ${code}`}`;
        reject(new ServingError('UNAVAILABLE', `${command} ${end}${tail === '' ? '' : `: ${lastLines(tail)}`}`));
      }),
    );
  });
}

/** Calls `poll` again and again until it is cancelled or answers `false`. */
function pollWhile(clock: Clock, poll: () => Promise<boolean>, onFalse: () => void): () => void {
  let cancelled = false;
  let cancelTimer = (): void => {};
  const schedule = (): void => {
    cancelTimer = clock.setTimer(() => {
      poll().then(
        (goOn) => {
          if (cancelled) return;
          if (goOn) schedule();
          else onFalse();
        },
        () => {
          if (!cancelled) schedule();
        },
      );
    }, POLL_MS);
  };
  schedule();
  return () => {
    cancelled = true;
    cancelTimer();
  };
}

/** The part that usually has the reason: lines with "ERROR: " or "Error: ", else the last one. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /\berror: /i.test(line));
  return (errors.length > 0 ? errors.slice(-2) : lines.slice(-1)).map((line) => line.trim()).join(' / ');
}
