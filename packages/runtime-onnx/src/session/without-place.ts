/** Texts of ONNX Runtime without the places in its source that raised them. */

/** What precedes the place where a session is made. */
const PHASE = /^Exception during initialization: /;
/** The place, and the function there: with its parameters, or by its name where the text has no parentheses. */
const PLACE = /^\S*\.(?:cc|cpp|h|hpp):\d+ (?:.*?\)(?: const)?(?: \[[^\]]*\])?:? |\w+ (?=[^()]*$))/s;

/** The text without its phase and place. */
export function withoutPlace(text: string): string {
  return text
    .trim()
    .replace(PHASE, '')
    .replace(PLACE, '')
    .replaceAll(/\S*\/\S+\.(?:cc|cpp|h|hpp):\d+/g, '')
    .trim();
}
