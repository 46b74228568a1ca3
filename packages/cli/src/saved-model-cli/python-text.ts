/** Text as Python prints it. */

/** For `sort`: Python orders strings by code points, JavaScript by UTF-16 code units. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const notPrintable = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** `repr` of a string: in single quotes, or in double ones when it has single ones only. */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(notPrintable, (character) => escapes[character] ?? hexEscape(character.codePointAt(0)!));
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** `repr` of bytes. */
export function bytesRepr(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += byte < 0x20 || byte > 0x7e || byte === 0x5c ? (escapes[character] ?? hexEscape(byte)) : character;
  }
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return `b${quote}${quote === "'" ? text.replaceAll("'", "\\'") : text}${quote}`;
}

/** `repr` of a list of strings. */
export function stringListRepr(texts: readonly string[]): string {
  return `[${texts.map(stringRepr).join(', ')}]`;
}

/** `repr` of a set of strings. Python's own order changes from run to run; here they are sorted. */
export function stringSetRepr(texts: ReadonlySet<string>): string {
  if (texts.size === 0) return 'set()';
  return `{${Array.from(texts).sort(byCodePoint).map(stringRepr).join(', ')}}`;
}

/** `repr` of a float: the shortest digits, with an exponent from 1e16 and below 1e-4. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude >= 1e16 || magnitude < 1e-4)) {
    const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function hexEscape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
