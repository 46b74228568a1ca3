/** Syntax trees of RE2's regular expressions. */

/** A set of characters. Bytes that are not UTF-8 stand as U+DC80 to U+DCFF and are in no set but by their own number. */
export interface CharacterSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [first: number, last: number])[];
  /** Classes by Unicode property, as JavaScript writes them: `\p{L}`, `\P{Script=Greek}`. */
  readonly properties: readonly string[];
  /** Whether letters match in either case. */
  readonly foldsCase: boolean;
}

/** Where an empty match is possible. */
export type RegexPlace = 'textBegin' | 'textEnd' | 'lineBegin' | 'lineEnd' | 'wordBoundary';

/** A regular expression. Case and other flags are resolved. */
export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'place'; readonly place: RegexPlace }
  | { readonly kind: 'sequence'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly RegexNode[] }
  | {
      readonly kind: 'repeat';
      readonly node: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'group'; readonly node: RegexNode; readonly index: number };

/** A pattern that was read. */
export interface ParsedRegex {
  readonly node: RegexNode;
  /** How many capturing groups there are. */
  readonly groups: number;
}
