/** Load from a second process: wrk where it is installed, autocannon otherwise. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface LoadResult {
  readonly generator: 'wrk' | 'autocannon';
  readonly requestsPerSecond: number;
  readonly non2xx: number;
}

/** What is posted. */
export interface Post {
  readonly body: string | Uint8Array;
  /** Default: a JSON content type. */
  readonly headers?: Readonly<Record<string, string>>;
}

const jsonHeaders = { 'Content-Type': 'application/json' };

async function hasWrk(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = spawn('wrk', ['--version'], { stdio: 'ignore' });
    probe.once('error', () => resolve(false));
    probe.once('exit', () => resolve(true));
  });
}

async function withWrk(url: string, post: Post, connections: number, seconds: number): Promise<LoadResult> {
  const { body, headers = jsonHeaders } = post;
  const folder = mkdtempSync(join(tmpdir(), 'serving-load-'));
  try {
    const script = join(folder, 'post.lua');
    writeFileSync(join(folder, 'body'), body);
    const headerLines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
    writeFileSync(
      script,
      `local f = io.open("${join(folder, 'body')}", "rb"); wrk.body = f:read("*all"); f:close(); wrk.method = "POST"
       ${headerLines.join('\n')}`,
    );
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
    const { stdout } = await run('wrk', args);
    return {
      generator: 'wrk',
      requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
      non2xx: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withAutocannon(url: string, post: Post, connections: number, seconds: number): Promise<LoadResult> {
  const { body, headers = jsonHeaders } = post;
  const folder = mkdtempSync(join(tmpdir(), 'serving-load-'));
  try {
    writeFileSync(join(folder, 'body'), body);
    const script = fileURLToPath(new URL('./autocannon-load.js', import.meta.url));
    const options = JSON.stringify({ url, connections, duration: seconds, headers });
    const { stdout } = await run(process.execPath, [script, options, join(folder, 'body')]);
    return { generator: 'autocannon', ...(JSON.parse(stdout) as Omit<LoadResult, 'generator'>) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Posts one body over and over from so many keep-alive connections. */
export async function postLoad(url: string, post: Post, connections: number, seconds: number): Promise<LoadResult> {
  return (await hasWrk()) ? withWrk(url, post, connections, seconds) : withAutocannon(url, post, connections, seconds);
}
