/** A logger that writes lines, and consoles as loggers. */
import type { Clock } from '../clock.js';
import { jsonLine, type LogFormat, textLine } from './log-line.js';
import type { Logger, LogLevel } from './logger.js';

/** Where lines go, and their form. */
export interface LineLoggerOptions {
  /** Called with each line, without its line break. */
  readonly write: (line: string, level: LogLevel) => void;
  readonly format: LogFormat;
  /** Whether text has colours. */
  readonly hasColors: boolean;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** Writes a line for each call at the level `info` or above. */
export function lineLogger(options: LineLoggerOptions): Logger {
  return { ...linesOfAllLevels(options), debug: () => undefined };
}

/** What {@link consoleLogger} needs of a console. */
export type ConsoleLike = Readonly<Record<LogLevel | 'table', (...values: unknown[]) => void>>;

/** Whether a logger is a console, which would print fields as objects over many lines. */
export function isConsole(logger: Logger | ConsoleLike): logger is ConsoleLike {
  return 'table' in logger && typeof logger.table === 'function';
}

/** Writes text lines by the console's method of the same level. */
export function consoleLogger(target: ConsoleLike, clock: Pick<Clock, 'wallTime'>): Logger {
  return linesOfAllLevels({ write: (line, level) => target[level](line), format: 'text', hasColors: false, clock });
}

/**
 * Whether text for a stream has colours: the variables FORCE_COLOR and NO_COLOR decide, else whether the stream is a terminal.
 *
 * @param isTerminal whether the stream is one
 */
export function wantsColors(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused !== undefined && refused !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

function linesOfAllLevels({ write, format, hasColors, clock }: LineLoggerOptions): Logger {
  const at =
    (level: LogLevel) =>
    (fields: object, message: string): void => {
      const record = { level, timeMs: clock.wallTime(), message, fields: fields as Record<string, unknown> };
      write(format === 'json' ? jsonLine(record) : textLine(record, hasColors), level);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
