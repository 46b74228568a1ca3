/** Holds the docs to the examples: a snippet is a file that tests run, and its comments tell what it prints. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { beside } from './example-process.js';

const readPage = (page) => readFileSync(beside(import.meta.url)(`../../${page}`), 'utf8');

/** Defines a test for each file, named relative to the test, that it stands word for word in the page. */
export function itStandsWordForWord(test, files, page) {
  it.each(files)(`%s stands word for word in ${page}`, (file) => {
    const isThere = readPage(page).includes(readFileSync(beside(test)(file), 'utf8'));
    expect(isThere, 'a page that shows the file as it is').toBe(true);
  });
}

/** What the comments behind `console.log(…);` and `.catch(failure);` promise, in order. */
export function promisedLines(file) {
  const comments = readFileSync(file, 'utf8').matchAll(/(?:console\.log\(.*\)|catch\(failure\)); \/\/ (.*)/g);
  return Array.from(comments, ([, text]) => text);
}

/** The responses that the requests of a shell script get, and those that its comments promise, as JSON without white space. */
export async function responsesOfScript(file, args) {
  const { stdout } = await promisify(execFile)('sh', [file, ...args]);
  const promised = Array.from(readFileSync(file, 'utf8').matchAll(/^# (.*)$/gm), ([, text]) => text);
  const compact = (text) => text.replace(/\s/g, '');
  return { received: compact(stdout), promised: compact(promised.join('')) };
}
