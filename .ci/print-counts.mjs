/** Prints the closing line of a test run: `N passed, N failed, N skipped`. */
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync(new URL('../.cache/test-results.json', import.meta.url), 'utf8'));
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = results;
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`);
process.exitCode = results.success && numPassedTests > 0 ? 0 : 1;
