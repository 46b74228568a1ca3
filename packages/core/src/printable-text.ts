/** Text from outside, made fit for lines that people and log readers see. */

/** What moves a cursor, breaks a line, turns the direction of reading, or is half a character. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const MAX_QUOTED = 256;

/**
 * The text on one line: line breaks, control characters and direction marks become escapes such as `\n` and `\u001b`, so that
 * no name or message can begin a line of its own or steer a terminal. Everything else stays as it is.
 */
export function printableLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** A name from outside for a log line: in double quotes, with escapes as in JSON, cut after 256 characters. */
export function quoteName(name: string): string {
  const text = name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name;
  return `"${printableLine(text.replace(/["\\]/g, '\\$&'))}"`;
}

/** A label's value in Prometheus' text format, without the quotes around it. */
export function prometheusLabelValue(value: string): string {
  return value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
