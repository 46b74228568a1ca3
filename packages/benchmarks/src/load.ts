/** Load from a second process: wrk where it is installed, autocannon otherwise. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const bin = createRequire(import.meta.url).resolve('autocannon');
    const args = [bin, '-j', '-n', '-c', String(connections), '-d', String(seconds), '-m', 'POST'];
    const headerArgs = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
    const { stdout } = await run(process.execPath, [...args, ...headerArgs, '-i', join(folder, 'body'), url], {
      maxBuffer: 1e8,
    });
    const result = JSON.parse(stdout) as { requests: { average: number }; non2xx: number };
    return { generator: 'autocannon', requestsPerSecond: result.requests.average, non2xx: result.non2xx };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Posts one body over and over from so many keep-alive connections. */
export async function postLoad(url: string, post: Post, connections: number, seconds: number): Promise<LoadResult> {
  return (await hasWrk()) ? withWrk(url, post, connections, seconds) : withAutocannon(url, post, connections, seconds);
}
