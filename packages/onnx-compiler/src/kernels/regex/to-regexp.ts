/** Regular expressions of RE2 as those of JavaScript, where that is safe. */
import { classSource } from './character-classes.js';
import type { ParsedRegex, RegexNode, RegexPlace } from './regex-node.js';

const WORD = '[0-9A-Za-z_]';

const PLACES: Readonly<Record<RegexPlace, string>> = {
  textBegin: '^',
  textEnd: '$',
  lineBegin: '(?:^|(?<=\\n))',
  lineEnd: '(?=\\n|$)',
  wordBoundary: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
};

/**
 * How long a search may take with backtracking, at most: `linear`, or `quadratic` in the length of the text. `unsafe`: longer, or
 * with other groups than RE2's.
 */
export type BacktrackingCost = 'linear' | 'quadratic' | 'unsafe';

/** Estimates the cost from the repetitions without a limit. */
export function backtrackingCost({ node }: ParsedRegex): BacktrackingCost {
  const counts = { loops: 0, unsafe: false, folds: new Set<boolean>() };
  visit(node, false, counts);
  if (counts.unsafe || counts.folds.size > 1 || counts.loops > 1) return 'unsafe';
  return counts.loops === 0 || endsWithLoop(node) ? 'linear' : 'quadratic';
}

interface Counts {
  loops: number;
  unsafe: boolean;
  /** Whether letters match in either case, of sets that have letters. */
  readonly folds: Set<boolean>;
}

/** More copies of a part than this are left to the simulation. */
const MAX_COPIES = 20;

function visit(node: RegexNode, isRepeated: boolean, counts: Counts): void {
  switch (node.kind) {
    case 'set':
      counts.folds.add(node.set.foldsCase);
      break;
    case 'place':
      break;
    case 'repeat':
      if (node.max === Number.POSITIVE_INFINITY) counts.loops++;
      if (isRepeated || (node.max !== Number.POSITIVE_INFINITY && node.max > MAX_COPIES)) counts.unsafe = true;
      if (node.node.kind !== 'set') counts.unsafe ||= node.max > 1;
      visit(node.node, true, counts);
      break;
    case 'group':
      if (isRepeated) counts.unsafe = true;
      visit(node.node, isRepeated, counts);
      break;
    default:
      for (const child of node.nodes) visit(child, isRepeated, counts);
  }
}

/** Whether nothing that could fail follows the one loop. */
function endsWithLoop(node: RegexNode): boolean {
  let last: RegexNode | undefined = node;
  while (last !== undefined) {
    if (last.kind === 'repeat') return last.greedy && last.max === Number.POSITIVE_INFINITY;
    if (last.kind === 'sequence') last = last.nodes.at(-1);
    else if (last.kind === 'group') last = last.node;
    else return false;
  }
  return false;
}

/** The same expression in JavaScript, with the flag `u`, and `i` where letters match in either case. */
export function toRegExp({ node }: ParsedRegex, wholeText: boolean, flags: string): RegExp {
  const source = sourceOf(node);
  const folds = foldsCase(node);
  const whole = wholeText ? `${PLACES.textBegin}(?:${source})${PLACES.textEnd}` : source;
  return new RegExp(whole, `u${folds ? 'i' : ''}${flags}`);
}

function foldsCase(node: RegexNode): boolean {
  if (node.kind === 'set') return node.set.foldsCase;
  if (node.kind === 'place') return false;
  return 'nodes' in node ? node.nodes.some(foldsCase) : foldsCase(node.node);
}

function sourceOf(node: RegexNode): string {
  switch (node.kind) {
    case 'set':
      return classSource(node.set);
    case 'place':
      return PLACES[node.place];
    case 'sequence':
      return node.nodes.map((child) => (child.kind === 'choice' ? `(?:${sourceOf(child)})` : sourceOf(child))).join('');
    case 'choice':
      return node.nodes.map(sourceOf).join('|');
    case 'group':
      return `(${sourceOf(node.node)})`;
    case 'repeat': {
      const { min, max, greedy } = node;
      const bounds = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
      return `(?:${sourceOf(node.node)})${bounds}${greedy ? '' : '?'}`;
    }
  }
}
