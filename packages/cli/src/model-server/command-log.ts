/** The log of a server that is a command: lines on stderr. */
import { type Logger, systemClock } from '@serving/core/extend';
import { type LogFormat, lineLogger, wantsColors } from '@serving/core/internal';
import type { TextSink } from '@serving/engine/command';
import { textFormatErrorLine } from '@serving/protos/config';
import { type HintWords, inWordsOf } from '../flags/hint-words.js';

/**
 * Text has colours on a terminal; the variables NO_COLOR and FORCE_COLOR decide otherwise.
 *
 * @param words for the options that hints name
 */
export function commandLog(
  sink: TextSink,
  format: string,
  words: HintWords,
  env: NodeJS.ProcessEnv = process.env,
): Logger {
  return lineLogger({
    write: (line) => sink.write(`${inWordsOf(words, line)}\n`),
    format: format as LogFormat,
    hasColors: wantsColors(sink.isTTY === true, env),
    clock: systemClock,
  });
}

/** Logs where a file in protobuf's text format does not parse, in TensorFlow Serving's words; nothing for other errors. */
export function logTextFormatError(logger: Logger, error: unknown): void {
  const line = textFormatErrorLine(error);
  if (line !== undefined) logger.error({}, line);
}
