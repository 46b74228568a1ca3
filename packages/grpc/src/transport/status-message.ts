/** The header `grpc-message`. */

/** Clients of gRPC take 8 KiB of headers by default, names and the other headers among them. */
const MAX_ENCODED_BYTES = 7 * 1024;

/** Bytes that stand for themselves. HTTP/2 takes no blank at either end. */
const PLAIN = /^(?! )[ -$&-~]*(?<! )$/;

/** Percent-encodes the text of a status, and cuts it where a client might not take it. */
export function encodeStatusMessage(text: string): string {
  if (text.length <= MAX_ENCODED_BYTES && PLAIN.test(text)) return text;
  let encoded = '';
  for (const character of text) {
    const next = encodeCharacter(character);
    if (encoded.length + next.length > MAX_ENCODED_BYTES) break;
    encoded += next;
  }
  return encoded;
}

function encodeCharacter(character: string): string {
  if (character > ' ' && character <= '~' && character !== '%') return character;
  let encoded = '';
  // Half of a surrogate pair becomes the replacement character.
  for (const byte of Buffer.from(character)) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}
