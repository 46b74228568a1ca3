/** Cuts large, unused message fields out of protobuf text, so that the slow parser skips them. */

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const word = /\w+/y;
const blockStart = /\s*:?\s*\{/y;

/**
 * The text without the fields `name { … }` of these names, at any depth; strings and comments are respected. Lines keep
 * their numbers. A field in another form, or one that never ends, stays for the parser to judge.
 */
export function withoutBlocks(text: string, names: ReadonlySet<string>): string {
  const kept: string[] = [];
  let keptEnd = 0;
  for (let i = 0; i < text.length; ) {
    const name = match(word, text, i);
    if (name === '') {
      i = nextPosition(text, i);
      continue;
    }
    const bodyStart = i + name.length + (names.has(name) ? match(blockStart, text, i + name.length).length : 0);
    const end = bodyStart > i + name.length ? blockEnd(text, bodyStart) : undefined;
    if (end !== undefined) {
      kept.push(text.slice(keptEnd, i), lineBreaks(text, i, end));
      keptEnd = end;
    }
    i = end ?? bodyStart;
  }
  return kept.join('') + text.slice(keptEnd);
}

function match(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? '';
}

/** Behind the brace that closes the block whose body starts here. */
function blockEnd(text: string, bodyStart: number): number | undefined {
  let depth = 1;
  for (let i = bodyStart; i < text.length; i = nextPosition(text, i)) {
    const code = text.charCodeAt(i);
    if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) return i + 1;
  }
  return undefined;
}

/** Behind the character, or behind the string or comment that starts with it. */
function nextPosition(text: string, position: number): number {
  const code = text.charCodeAt(position);
  let i = position + 1;
  if (code === HASH) {
    while (i < text.length && text.charCodeAt(i) !== NEWLINE) i++;
  } else if (code === QUOTE || code === APOSTROPHE) {
    while (i < text.length && text.charCodeAt(i) !== code) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
    i++;
  }
  return i;
}

function lineBreaks(text: string, start: number, end: number): string {
  let count = 0;
  for (let i = text.indexOf('\n', start); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) count++;
  return '\n'.repeat(count);
}
