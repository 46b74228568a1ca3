/** How a model's process ended, and the errors for it. */
import { type ServableId, ServingError } from '@serving/core';
import { printableLine } from '@serving/core/extend';

/** How a process ended. */
export interface ProcessEnd {
  readonly pid: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly code: number | undefined;
  /** Why the host ended it; `undefined` when it ended by itself. */
  readonly reason: string | undefined;
  /** The last lines that it wrote to stderr. */
  readonly lastLines: readonly string[];
}

/** Such as ` (model m version 1)`; empty for a session without a name. */
export function placeOf(id: ServableId | undefined): string {
  return id === undefined ? '' : ` (model ${id.name} version ${id.version})`;
}

/** Such as `was ended by SIGABRT`. */
export function endText({ signal, code, reason }: Pick<ProcessEnd, 'signal' | 'code' | 'reason'>): string {
  if (reason !== undefined) return `was ended: ${reason}`;
  if (signal !== undefined) return `was ended by ${signal}`;
  return code === undefined ? 'could not be started' : `ended with exit code ${code}`;
}

/** The error of what was in flight when the process ended. */
export function processEndError(end: ProcessEnd, place: string): ServingError {
  return new ServingError('UNAVAILABLE', `The model's process ${endText(end)}${place}`, {
    hint: hintOf(end, 'It is started again; other models are not affected'),
    endedProcess: true,
  });
}

/** The error of a version whose process has ended too often. */
export function givenUpError(end: ProcessEnd, count: number, maximum: number | false, place: string): ServingError {
  return new ServingError(
    'UNAVAILABLE',
    `The model's process ended ${count} times within a minute (maxDeathsPerMinute is ${maximum}); the last time it ` +
      `${endText(end)}${place}`,
    { hint: hintOf(end, 'Load another version, or fix what ends the process and reload this one') },
  );
}

function hintOf({ lastLines }: ProcessEnd, advice: string): string {
  if (lastLines.length === 0) return advice;
  return `${advice}. Its last lines: ${lastLines.map((line) => printableLine(line)).join(' | ')}`;
}
