/** Finds the name that was probably meant by one that is not known. */

/** How much of a given name is compared and shown. */
export const MAX_COMPARED = 64;

/** Known names are listed up to this number: a flood of wrong names must stay cheap. */
const MAX_LISTED = 20;

/**
 * `Did you mean "half"? Models: half, digits`. `undefined` where no name is known.
 *
 * @param title what the known names are, in front of their list
 */
export function nameHint(name: string, known: readonly string[], title: string): string | undefined {
  if (known.length === 0) return undefined;
  const candidates = known.slice(0, MAX_LISTED);
  const near = nearestName(name, candidates);
  const rest = known.length > MAX_LISTED ? `, and ${known.length - MAX_LISTED} more` : '';
  return `${near === undefined ? '' : `Did you mean "${near}"? `}${title}: ${candidates.join(', ')}${rest}`;
}

/** The known name that a misspelt or shortened one is closest to; `undefined` where none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const given = name.slice(0, MAX_COMPARED).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const isPart = given.length > 3 && (other.startsWith(given) || other.endsWith(given));
    const distance = isPart ? 1 : editDistance(given, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
