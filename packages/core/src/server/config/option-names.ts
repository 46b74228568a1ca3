/** Unknown names of options, and what was probably meant. */
import { ServingError } from '../../serving-error.js';

/**
 * Refuses an object with a key that is not an option.
 *
 * @param what the object, for the error: `savedModelPlatform()`, or a field's path
 * @throws ServingError `INVALID_ARGUMENT`: `Unknown option "engin" of savedModelPlatform(): did you mean "engine"? …`
 */
export function checkOptionNames(options: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw ServingError.invalidArgument(
      `Unknown option "${name.slice(0, MAX_SHOWN)}" of ${what}: ${near === undefined ? '' : `did you mean "${near}"? `}Options: ${known.join(', ')}`,
    );
  }
}

const MAX_SHOWN = 64;

/** The known name that a misspelt one is closest to; `undefined` where none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(Math.min(name.length, MAX_SHOWN) / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.slice(0, MAX_SHOWN).toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions and replacements from one text to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
