/** The layout in which protobuf prints messages as JSON: one blank per level, `{}` and `[]` when empty. */

/** A value to print: a scalar's finished text, a list, or the members of a message or map in the order of printing. */
export type ProtoJson = string | { readonly list: readonly ProtoJson[] } | { readonly members: readonly Member[] };

/** A field of a message, or an entry of a map. */
export type Member = readonly [name: string, value: ProtoJson];

/** A member that is printed only when it is set: none or one. */
export function whenSet<T>(name: string, value: T | undefined, toJson: (value: T) => ProtoJson): readonly Member[] {
  return value === undefined ? [] : [[name, toJson(value)]];
}

/** The whole text of a message, with a newline at its end. */
export function printProtoJson(value: ProtoJson): string {
  return `${print(value, '\n')}\n`;
}

/** A string as protobuf writes it: besides what JSON demands, DEL, `<`, `>` and the two line separators are escaped. */
export function protoString(text: string): string {
  return `"${text.replace(escaped, escapeCharacter)}"`;
}

/** A float (`%.6g`, else `%.9g`) or double (`%.15g`, else `%.17g`); what JSON has no number for as a string. */
export function protoNumber(value: number, width: 'float' | 'double'): string {
  if (Number.isNaN(value)) return '"NaN"';
  if (!Number.isFinite(value)) return value > 0 ? '"Infinity"' : '"-Infinity"';
  const isFloat = width === 'float';
  const short = formatGeneral(value, isFloat ? 6 : 15);
  const readBack = isFloat ? Math.fround(Number(short)) : Number(short);
  return readBack === value ? short : formatGeneral(value, isFloat ? 9 : 17);
}

/** Bytes as padded base64. */
export function protoBytes(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

function print(value: ProtoJson, newline: string): string {
  if (typeof value === 'string') return value;
  const inner = `${newline} `;
  if ('list' in value) {
    if (value.list.length === 0) return '[]';
    return `[${inner}${value.list.map((item) => print(item, inner)).join(`,${inner}`)}${newline}]`;
  }
  if (value.members.length === 0) return '{}';
  const members = value.members.map(([name, item]) => `${protoString(name)}: ${print(item, inner)}`);
  return `{${inner}${members.join(`,${inner}`)}${newline}}`;
}

const escaped = /["\\<>\p{Cc}\u2028\u2029]/gu;
const FIRST_C1_CONTROL = 0x80;

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= FIRST_C1_CONTROL && code < 0x2028) return character;
  return shortEscapes[character] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** C's `%.{digits}g`. */
function formatGeneral(value: number, digits: number): string {
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < digits) return trimZeros(value.toFixed(Math.max(digits - 1 - power, 0)));
  return `${trimZeros(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
