/** The flag `--log_format`. */
import { type Flag, stringFlag } from '@serving/engine/command';

const formats = ['text', 'json'];

export const logFormatFlag: Flag<string> = {
  ...stringFlag('text', 'Form of the log on stderr: text, a line for people, or json, as pino writes it.', {
    values: formats,
  }),
  parse: (text) => (formats.includes(text) ? text : undefined),
};
