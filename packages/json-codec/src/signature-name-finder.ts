/** Looks ahead for a `signature_name` that stands behind the data, as encoders that sort keys write it. */

/** Returned when a look can't tell. */
export const UNKNOWN_NAME: unique symbol = Symbol('unknown signature name');

/**
 * The value of the first `signature_name` among the root's members from the value at `from` on; `undefined` without one.
 * The text is only skimmed: the answer is right if the text is well-formed.
 */
export function findSignatureName(text: Buffer, from: number): string | undefined | typeof UNKNOWN_NAME {
  if (!mayHoldName(text, from)) return undefined;
  if (text.indexOf('signature_name', from, 'latin1') >= 0) return skim(text, from);
  // Written with escapes a name would hold one of a letter or an underscore: \u005f, \u0061 and so on.
  return text.indexOf('\\u00', from, 'latin1') < 0 ? undefined : UNKNOWN_NAME;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;

/** Below this many bytes a loop is faster than a search of Node's. */
const SHORT = 256;

/** Whether an underscore or a backslash stands anywhere behind a quotation mark: without them no `signature_name` does. */
function mayHoldName(text: Buffer, from: number): boolean {
  if (text.length - from > SHORT) {
    const quote = text.indexOf(QUOTE, from);
    return quote >= 0 && (text.indexOf(UNDERSCORE, quote) >= 0 || text.indexOf(BACKSLASH, quote) >= 0);
  }
  for (let at = from; at < text.length; at++) {
    if (text[at] === UNDERSCORE || text[at] === BACKSLASH) return true;
  }
  return false;
}

function skim(text: Buffer, from: number): string | undefined | typeof UNKNOWN_NAME {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    switch (text[at]) {
      case QUOTE: {
        const end = stringEnd(text, at + 1);
        if (end < 0) return UNKNOWN_NAME;
        if (depth === 1 && memberNameEnds(text, end)) {
          const name = text.toString('latin1', at + 1, end);
          if (name.includes('\\')) return UNKNOWN_NAME;
          if (name === 'signature_name') return nameValue(text, end + 1);
        }
        at = end;
        break;
      }
      case 0x5b:
      case 0x7b:
        depth++;
        break;
      case 0x5d:
      case 0x7d:
        if (--depth === 0) return undefined;
        break;
      default:
    }
  }
  return UNKNOWN_NAME;
}

/** The closing mark of the string whose inside begins at `from`; −1 without one. */
function stringEnd(text: Buffer, from: number): number {
  let end = text.indexOf(QUOTE, from);
  while (end >= 0 && isEscaped(text, from, end)) end = text.indexOf(QUOTE, end + 1);
  return end;
}

function isEscaped(text: Buffer, from: number, at: number): boolean {
  let backslashes = 0;
  for (let i = at - 1; i >= from && text[i] === BACKSLASH; i--) backslashes++;
  return backslashes % 2 === 1;
}

function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && text[at]! <= 0x20) at++;
  return at;
}

function memberNameEnds(text: Buffer, quote: number): boolean {
  return text[skipSpace(text, quote + 1)] === 0x3a;
}

function nameValue(text: Buffer, from: number): string | typeof UNKNOWN_NAME {
  const quote = skipSpace(text, skipSpace(text, from) + 1);
  if (text[quote] !== QUOTE) return UNKNOWN_NAME;
  const end = stringEnd(text, quote + 1);
  if (end < 0) return UNKNOWN_NAME;
  const value = text.toString('latin1', quote + 1, end);
  return /^[\x20-\x5b\x5d-\x7e]*$/.test(value) ? value : UNKNOWN_NAME;
}
