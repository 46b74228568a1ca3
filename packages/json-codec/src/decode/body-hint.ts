/** How a client fixes a body that is not the JSON of a request: what usually went wrong, by what stands there. */
import { nearestName } from '@serving/core/portable';
import { type JsonTape, STRING } from '../json/json-tape.js';

/** What a request is for: each has keys of its own. */
export type RequestKind = 'predict' | 'examples';

const SHAPES: Readonly<Record<RequestKind, string>> = {
  predict: '{"instances": [EXAMPLE, …]} or {"inputs": TENSOR}',
  examples: '{"examples": [{"FEATURE": VALUE}, …]}',
};
const KEYS: Readonly<Record<RequestKind, readonly string[]>> = {
  predict: ['instances', 'inputs', 'signature_name'],
  examples: ['examples', 'context', 'signature_name'],
};
/** Reads only as much of the text as shows its form, and as many keys as a person writes. */
const BEGINNING = 256;
const MOST_KEYS = 20;

/** For a text that is not JSON; `undefined` where nothing is known. */
export function unparsedHint(body: Uint8Array, kind: RequestKind): string | undefined {
  const text = Buffer.from(body.subarray(0, BEGINNING)).toString('latin1').trim();
  const send = `send JSON, such as ${SHAPES[kind]}`;
  if (text === '') return `The body is empty, or gzip that is not intact: ${send}`;
  if (/^[[{][[{\s]*'/.test(text)) {
    return `JSON has double quotes. ${text[0]}'…'${text[0] === '{' ? '}' : ']'} is Python's own form: send json.dumps(body), or requests.post(url, json=body)`;
  }
  if (/^--[\w'-]+\r?\n/.test(text) || /^[\w.%+[\]-]+=/.test(text)) {
    return `The body is a form, not JSON: ${send}. With Python's requests: json=body in place of data=body`;
  }
  return undefined;
}

/** For JSON that is not an object: a list alone, or JSON in a string. */
export function notAnObjectHint(tape: JsonTape, root: number, kind: RequestKind): string {
  const isTwice = tape.kind(root) === STRING && tape.nameValue(root).trimStart().startsWith('{');
  return isTwice
    ? 'The body is a string that holds JSON: it was encoded twice. With Python: json=body or data=json.dumps(body), not both'
    : `The body is an object: ${SHAPES[kind]}`;
}

/** For an object without the key that holds the data. Names the key that was probably meant. */
export function missingKeyHint(tape: JsonTape, root: number, kind: RequestKind): string {
  for (const name of unknownKeys(tape, root, kind)) {
    const near = meantBy(name, kind);
    if (near !== undefined && near !== 'signature_name') return `Did you mean "${near}"? A body is ${SHAPES[kind]}`;
  }
  return `A body is ${SHAPES[kind]}`;
}

/** For any other error of a body whose signature is probably not the one that was meant. */
export function ignoredKeyHint(tape: JsonTape, root: number, kind: RequestKind): string | undefined {
  const name = unknownKeys(tape, root, kind).find((key) => meantBy(key, kind) === 'signature_name');
  return name && `The key "${name}" is ignored: did you mean "signature_name"?`;
}

/** For a body with both keys. */
export const BOTH_FORMATS_HINT: string =
  'Send one of them: "instances" is a list with one entry for each example, "inputs" the whole tensor of each input';

function unknownKeys(tape: JsonTape, root: number, kind: RequestKind): string[] {
  const names: string[] = [];
  const end = tape.next(root);
  for (let key = root + 1; key < end && names.length < MOST_KEYS; key = tape.next(key + 1)) {
    if (tape.ends[key]! - tape.starts[key]! <= BEGINNING) names.push(tape.nameValue(key));
  }
  return names.filter((name) => !KEYS[kind].includes(name));
}

/** `data` is what other APIs have in the place of `instances`. */
function meantBy(name: string, kind: RequestKind): string | undefined {
  return name === 'data' && kind === 'predict' ? 'instances' : nearestName(name, KEYS[kind]);
}
