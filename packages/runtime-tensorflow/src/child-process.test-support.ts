/** Node programs that use this package in a process of their own. */
import { runProgram } from '../../test-doubles/src/node-program.js';

/** Built beforehand: a child process knows nothing of the test's module loader. */
export const builtPackageUrl = new URL('../dist/index.js', import.meta.url).href;

/** Runs the body of an async function that has `tensorflowRuntime`, and returns what it printed as JSON. */
export async function runWithRuntime<T>(body: string): Promise<T> {
  const { code, signal, output } = await runProgram(`
    import(${JSON.stringify(builtPackageUrl)}).then(async ({ tensorflowRuntime }) => {
      ${body}
    }).catch((error) => { console.error(error); process.exitCode = 1; });
  `);
  if (code !== 0) throw new Error(`The program ended with ${signal ?? `code ${code}`}: ${output}`);
  return JSON.parse(output) as T;
}
