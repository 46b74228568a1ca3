/** Kernels of regular expressions. */
import { ServingError, textFromBytes } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute, bytesAttribute } from '../../graph/attribute-readers.js';
import { mapStrings, stringsOf } from '../elements/string-builder.js';
import type { Kernel, KernelContext, KernelFactory } from '../kernel.js';
import { CompiledRegex } from './compiled-regex.js';
import { RegexSyntaxError } from './regex-error.js';

/** The pattern at load, where a bad one refuses the signature. */
function compileAtLoad(pattern: string): CompiledRegex {
  try {
    return new CompiledRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new ServingError('UNIMPLEMENTED', `regular expression ${pattern}: ${error.message}`);
  }
}

function compileInRun(pattern: string): CompiledRegex {
  try {
    return new CompiledRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new ServingError('INVALID_ARGUMENT', `Invalid pattern: ${pattern}, error: ${error.message}`);
  }
}

const textOf = (tensor: Tensor): string => textFromBytes(stringsOf(tensor).at(0));

/**
 * The parts of a rewrite: texts and numbers of groups. `undefined` for a group that the pattern doesn't have, which replaces nothing.
 * Another escape that is not valid ends the rewrite where all matches are replaced, and replaces nothing otherwise.
 */
function rewriteParts(rewrite: string, groups: number, all: boolean): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  for (const [piece, escaped] of rewrite.matchAll(/\\(.)?|[^\\]+/gs)) {
    if (!piece.startsWith('\\')) parts.push(piece);
    else if (escaped === '\\') parts.push('\\');
    else if (escaped !== undefined && /\d/.test(escaped)) parts.push(Number(escaped));
    else if (all) break;
    else return undefined;
  }
  const escapes = [...rewrite.matchAll(/\\(?:(\d)|.)/gs)];
  return escapes.some(([, digit]) => Number(digit) > groups) ? undefined : parts;
}

function replaceMatches(x: Tensor, regex: CompiledRegex, rewrite: string, all: boolean): Tensor {
  const parts = rewriteParts(rewrite, regex.groups, all);
  return parts === undefined ? x : mapStrings(x, (value) => regex.replace(value, parts, all));
}

function matchesOf(x: Tensor, regex: CompiledRegex): Tensor {
  const strings = stringsOf(x);
  const data = new Uint8Array(strings.length);
  for (let i = 0; i < data.length; i++) data[i] = regex.matchesWhole(strings.at(i)) ? 1 : 0;
  return { dtype: 'bool', shape: x.shape, data };
}

/** The pattern that an input gives: at load where it is constant, else in each run. */
function patternInput({ constants }: KernelContext): (pattern: Tensor) => CompiledRegex {
  const constant = constants?.[1];
  if (constant === undefined) return (pattern) => compileInRun(textOf(pattern));
  const regex = compileAtLoad(textOf(constant));
  return () => regex;
}

const regexReplace: KernelFactory = (context): Kernel => {
  const all = boolAttribute(context.attributes, 'replace_global', true);
  const regexOf = patternInput(context);
  return ([x, pattern, rewrite]) => [replaceMatches(x!, regexOf(pattern!), textOf(rewrite!), all)];
};

const staticRegexReplace: KernelFactory = ({ attributes }) => {
  const all = boolAttribute(attributes, 'replace_global', true);
  const regex = compileAtLoad(textFromBytes(bytesAttribute(attributes, 'pattern')));
  const rewrite = textFromBytes(bytesAttribute(attributes, 'rewrite'));
  return ([x]) => [replaceMatches(x!, regex, rewrite, all)];
};

const regexFullMatch: KernelFactory = (context) => {
  const regexOf = patternInput(context);
  return ([x, pattern]) => [matchesOf(x!, regexOf(pattern!))];
};

const staticRegexFullMatch: KernelFactory = ({ attributes }) => {
  const regex = compileAtLoad(textFromBytes(bytesAttribute(attributes, 'pattern')));
  return ([x]) => [matchesOf(x!, regex)];
};

/** Kernels of regular expressions, by operation. */
export const regexKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    RegexFullMatch: regexFullMatch,
    RegexReplace: regexReplace,
    StaticRegexFullMatch: staticRegexFullMatch,
    StaticRegexReplace: staticRegexReplace,
  }),
);
