/** Base64 of byte strings, by the browser's own functions. */
import { ValueError } from './value-error.js';

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

export function bytesOfBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new ValueError(`"${text.slice(0, 40)}" is not base64.`);
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
