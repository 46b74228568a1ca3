/** Tries many damaged models in processes of their own. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLibrary } from '@serving/engine';
import type { FuzzCase } from './fuzz-case.js';
import type { TrialResult } from './fuzz-worker.js';

/** What must not happen, however a model is damaged. */
type FindingKind = 'ended' | 'hung' | 'slow' | 'large' | 'internal';

/** A case in which it happened. */
interface FuzzFinding extends FuzzCase {
  readonly kind: FindingKind;
  readonly text: string;
}

/** Counts of outcomes, such as `load INVALID_ARGUMENT`, and what must not have happened. */
export interface FuzzReport {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly FuzzFinding[];
}

/** Longer on the clock, and the process is ended: other processes may have taken the cores. */
const MAX_WALL_MS = 120_000;
const MAX_CPU_MS = 5000;
const MAX_GROWN_BYTES = 512 * 2 ** 20;

/**
 * Tries `count` cases: case `i` damages source `i % sources.length` by seed `seed + i`.
 *
 * @param worker the built module that runs in a process of its own
 */
export async function runFuzz(
  sources: readonly string[],
  { count, seed, worker = new URL('./fuzz-worker.js', import.meta.url) }: { count: number; seed: number; worker?: URL },
): Promise<FuzzReport> {
  const outcomes: Record<string, number> = {};
  const findings: FuzzFinding[] = [];
  const { path: library } = await findLibrary({ engine: 'onnx' });
  const root = await mkdtemp(join(tmpdir(), 'engine-fuzz-'));
  const env = { ...process.env, ONNXRUNTIME_LIBRARY_PATH: library, SERVING_CACHE_DIR: join(root, 'cache') };
  let child: ChildProcess | undefined;
  try {
    for (let i = 0; i < count; i++) {
      const each: FuzzCase = { source: sources[i % sources.length]!, seed: seed + i };
      child ??= fork(worker, [join(root, 'm', '1')], { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      const result = await tryCase(child, each);
      const name = 'stage' in result ? [result.stage, result.code].join(' ').trim() : result.kind;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
      findings.push(...findingsOf(each, result));
      if (!('stage' in result)) child = undefined;
    }
  } finally {
    child?.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  }
  return { outcomes, findings };
}

interface ProcessLoss {
  readonly kind: 'ended' | 'hung';
  readonly text: string;
}

function tryCase(child: ChildProcess, each: FuzzCase): Promise<TrialResult | ProcessLoss> {
  return new Promise((resolve) => {
    let isHung = false;
    let errors = '';
    const onData = (text: Buffer): void => {
      errors = (errors + text.toString('latin1')).slice(-2000);
    };
    const timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, MAX_WALL_MS);
    const end = (result: TrialResult | ProcessLoss): void => {
      clearTimeout(timer);
      child.off('close', onClose).off('message', end).stderr!.off('data', onData);
      resolve(result);
    };
    const onClose = (code: number | null, signal: string | null): void =>
      end(
        isHung
          ? { kind: 'hung', text: `after ${MAX_WALL_MS} ms` }
          : { kind: 'ended', text: `${signal ?? code} ${errors}` },
      );
    child.on('close', onClose).on('message', end).stderr!.on('data', onData);
    child.send(each);
  });
}

function* findingsOf(each: FuzzCase, result: TrialResult | ProcessLoss): Generator<FuzzFinding> {
  if (!('stage' in result)) return yield { ...each, ...result };
  const { code, cpuMs, grownBytes, message, stage } = result;
  const isOurs = code === 'INTERNAL' || code === 'UNKNOWN';
  if (isOurs) yield { ...each, kind: 'internal', text: `${stage}: ${message}` };
  const took = `${stage} ${code ?? ''} ${message ?? ''}`;
  if (cpuMs > MAX_CPU_MS && code !== 'DEADLINE_EXCEEDED')
    yield { ...each, kind: 'slow', text: `${Math.round(cpuMs)} ms of CPU: ${took}` };
  if (grownBytes > MAX_GROWN_BYTES) yield { ...each, kind: 'large', text: `${grownBytes} bytes: ${took}` };
  return undefined;
}
