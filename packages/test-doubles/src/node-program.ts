/** Node programs in a process of their own, for engines' tests. */
import { spawn } from 'node:child_process';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it wrote, stdout and stderr in the order of arrival. */
  readonly output: string;
}

/** Runs a CommonJS program until it ends. */
export function runProgram(code: string, env: NodeJS.ProcessEnv = process.env): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', code], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}
