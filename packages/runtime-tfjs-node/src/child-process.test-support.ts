/** Runs modules in a process of their own, on the built package, with the Node that runs the tests. */
import { spawn } from 'node:child_process';

/** The URL of this package's build, for import statements. */
export const packageUrl: string = new URL('../dist/index.js', import.meta.url).href;

/**
 * What a newer TensorFlow than the one tfjs-node was made for prints on some processors while it is loaded, whatever
 * `TF_CPP_MIN_LOG_LEVEL` says.
 */
const ONEDNN_NOTICE =
  /^(WARNING: All log messages before absl::InitializeLog|I0000 .* oneDNN custom operations are on).*\n/gm;

/** Runs the text of a module; resolves when the process has ended. */
export async function runModule(text: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: new URL('..', import.meta.url),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr: stderr.replace(ONEDNN_NOTICE, '') };
}
