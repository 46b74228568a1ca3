/** Why a text does not parse, in the words and with the position that TensorFlow Serving's log has. */

/** 1-based, as protobuf counts: a byte is a column, and a tab leads to the next multiple of eight. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** `message`: `Error parsing text-format tensorflow.serving.ModelServerConfig: 2:11: …`. */
export class TextFormatError extends Error {
  override readonly name: string = 'TextFormatError';
  readonly position: TextPosition;

  constructor(typeName: string, position: TextPosition, reason: string) {
    super(`Error parsing text-format ${typeName}: ${position.line}:${position.column}: ${reason}`);
    this.position = position;
  }
}

/** Makes one of what `parse` throws for `text`. */
export function textFormatError(typeName: string, text: string, parse: (text: string) => unknown): TextFormatError {
  return new TextFormatError(typeName, findError(text, parse), inProtobufsWords(failureOf(text, parse) ?? ''));
}

/** The message of the {@link TextFormatError} that caused an error, at whatever depth; `undefined` when none did. */
export function textFormatErrorLine(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TextFormatError) return cause.message;
  }
  return undefined;
}

/** Added lines change the line of an error at the end of the text, and of no other. */
const MORE_LINES = '\n\n\n';
const TAB_WIDTH = 8;

/**
 * The parser tells a line at most. It fails at the first token that is wrong, so that the shortest run of tokens with which it
 * fails as for the whole text ends with that one.
 */
function findError(text: string, parse: (text: string) => unknown): TextPosition {
  const whole = failureOf(text + MORE_LINES, parse);
  const isTooShort = whole !== failureOf(text, parse);
  const tokens = [...text.matchAll(TOKEN)].flatMap((match) => (match.groups?.token === undefined ? [] : match.index));
  if (isTooShort || tokens.length === 0) return positionOf(text, text.length);
  let known = tokens.length;
  let tooFew = 0;
  while (known - tooFew > 1) {
    const count = (known + tooFew) >> 1;
    const start = text.slice(0, tokens[count]);
    if (failureOf(start.trimEnd() + MORE_LINES, parse) === whole) known = count;
    else tooFew = count;
  }
  return positionOf(text, tokens[known - 1]!);
}

/** Comments, strings, words and numbers, and single characters. */
const TOKEN = /#.*|(?<token>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[\w.+]+|[^\s])/g;

function failureOf(text: string, parse: (text: string) => unknown): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function positionOf(text: string, index: number): TextPosition {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  let column = 0;
  for (const byte of Buffer.from(before.slice(lineStart))) {
    column += byte === 0x09 ? TAB_WIDTH - (column % TAB_WIDTH) : 1;
  }
  return { line: before.split('\n').length, column: column + 1 };
}

function inProtobufsWords(reason: string): string {
  const withoutLine = reason.replace(/ \(line \d+\)$/, '');
  const unknown = /^\.(\S+): unknown field '(.*)'$/s.exec(withoutLine);
  return unknown ? `Message type "${unknown[1]}" has no field named "${unknown[2]}".` : withoutLine;
}
