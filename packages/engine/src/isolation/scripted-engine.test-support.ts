/** An engine for tests of isolation, whose runs do what their inputs say. */
import { ServingError } from '@serving/core';
import type { EngineSource, RuntimeDescription, SavedModelRuntime, Session } from '../runtime/saved-model-runtime.js';

/** What the first value of a run's first input asks for, `abort` any value. Any other run doubles its inputs. */
export const Ask = {
  /** The process ends itself by SIGABRT. */
  abort: -1,
  /** Its run never ends. */
  hang: -2,
  /** The run fails. */
  fail: -3,
  /** Returns what the process has: its environment's size, open descriptors, niceness, and whether it may gain privileges. */
  inspect: -4,
  /** The process writes two lines to stderr and exits with code 7. */
  exit: -5,
  /** Resolves after other runs have had their turn. */
  later: -6,
} as const;

/** How loads go. */
export interface ScriptedLoads {
  /** A file that a load appends to: its length is the number of loads so far. */
  readonly counter?: string;
  /** Which loads, from 1, end their process. */
  readonly abortAt?: readonly number[];
  /** Which loads fail. */
  readonly failAt?: readonly number[];
  /** Loads that never end. */
  readonly hangAt?: readonly number[];
}

const program = (ask: typeof Ask): string => `
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { getPriority } from 'node:os';
const ask = ${JSON.stringify(ask)};
const abort = () => process.kill(process.pid, 'SIGABRT');
const inspect = () => {
  const status = readFileSync('/proc/self/status', 'latin1');
  const open = readdirSync('/proc/self/fd').map(Number).filter((fd) => fd > 2 && !/CLOEXEC|02[0-7]{6}/.test(flagsOf(fd)));
  return [Object.keys(process.env).length, open.length, getPriority(), Number(/NoNewPrivs:\\t(\\d)/.exec(status)?.[1] ?? -1)];
};
const flagsOf = (fd) => {
  try { return /flags:\\t(\\d+)/.exec(readFileSync('/proc/self/fdinfo/' + fd, 'latin1'))?.[1] ?? ''; } catch { return '02000000'; }
};
const run = (values, options) => {
  const { dtype, data } = values[0];
  if (dtype === 'float' && data.length < 256 && data.includes(ask.abort)) abort();
  const first = dtype === 'float' ? data[0] : undefined;
  switch (first) {
    case ask.abort: return new Promise(() => {});
    case ask.hang: return new Promise((_, reject) => {
      options?.limits?.add({ onLimit: () => reject(new Error('given up')) });
    });
    case ask.fail: throw Object.assign(new Error('the kernel failed'), {});
    case ask.exit:
      process.stderr.write('first line\\nlast line\\n', () => process.exit(7));
      return new Promise(() => {});
    case ask.inspect: return [{ dtype: 'float', shape: [4], data: Float32Array.from(inspect()) }];
    case ask.later: return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(values))));
  }
  return values.map((value) => value.dtype === 'float' ? { ...value, data: value.data.map((x) => 2 * x) } : value);
};
export const scriptedEngine = ({ counter, abortAt = [], failAt = [], hangAt = [] }) => ({
  name: 'scripted',
  async describe() {
    return { name: 'scripted', libraryVersion: '1', libraryPath: '/none', devices: ['CPU'] };
  },
  async load(directory, tags, options) {
    if (counter !== undefined) {
      appendFileSync(counter, '.');
      const load = statSync(counter).size;
      if (abortAt.includes(load)) abort();
      if (failAt.includes(load)) throw new Error('the model is broken');
      if (hangAt.includes(load)) await new Promise(() => {});
    }
    return {
      unbatchedSignatures: new Set(['one by one']),
      prepare(feeds, fetches) {
        if (feeds.includes('missing')) throw new Error('no tensor missing');
        if (feeds.includes('options')) return { run: () => [{ dtype: 'int32', shape: [], data: Int32Array.of(options.intraOpThreads) }] };
        return { run };
      },
      close: async () => {},
    };
  },
  estimateBytes: async () => 1,
});
`;

/** An engine that only another process can make. */
export function scriptedRuntime(loads: ScriptedLoads = {}): SavedModelRuntime {
  return {
    name: 'scripted',
    describe: (): Promise<RuntimeDescription> => Promise.reject(onlyThere()),
    load: (): Promise<Session> => Promise.reject(onlyThere()),
    estimateBytes: () => Promise.resolve(1),
    source: (): Promise<EngineSource> =>
      Promise.resolve({
        module: `data:text/javascript,${encodeURIComponent(program(Ask))}`,
        factory: 'scriptedEngine',
        options: loads,
      }),
  };
}

function onlyThere(): ServingError {
  return new ServingError('INTERNAL', 'The engine must run in a process of its own');
}
