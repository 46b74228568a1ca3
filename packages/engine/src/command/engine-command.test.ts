import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import type { Diagnosis, EngineDiagnosis } from '../library/diagnose.js';
import { runEngineCommand } from './engine-command.js';
import type { LibraryTools } from './library-tools.js';

const library = { path: '/lib/libonnxruntime.so.1', source: 'cache', tried: [] } as const;
const diagnosis: Diagnosis = {
  nodeVersion: 'v20.19.0',
  koffiVersion: '3.0.0',
  platform: 'linux',
  arch: 'x64',
  cacheDirectory: '/cache',
  engines: [
    { engine: 'onnx', tried: [{ source: 'cache', outcome: '/lib/libonnxruntime.so.1' }] },
    { engine: 'tensorflow', tried: [{ source: 'environment', outcome: 'nothing there' }] },
  ],
};
const [onnx, tensorflow] = diagnosis.engines as [EngineDiagnosis, EngineDiagnosis];
const withLibrary = (found: NonNullable<EngineDiagnosis['library']>): Diagnosis => ({
  ...diagnosis,
  engines: [{ ...onnx, library: found }, tensorflow],
});
const absent = (): Promise<never> => Promise.reject(new ServingError('FAILED_PRECONDITION', 'not found'));

function tools(given: Partial<LibraryTools>): LibraryTools {
  return { findLibrary: absent, installLibrary: absent, diagnose: async () => diagnosis, ...given };
}

async function run(argv: string[], given: Partial<LibraryTools> = {}, isTTY = false) {
  const output = recordingOutput({ isTTY });
  return {
    code: await runEngineCommand(argv, output, { library: tools(given) }),
    out: output.out(),
    err: output.err(),
  };
}

describe('serving-engine', () => {
  it.each([
    [['--help'], 'serving-engine COMMAND [flags]'],
    [['-h'], 'serving-engine COMMAND [flags]'],
    [['install', '--help'], 'serving-engine install [ENGINE] [flags]'],
    [['doctor', '-h'], 'serving-engine doctor [flags]'],
  ])('prints the help of %j', async (argv, usage) => {
    const { code, out, err } = await run(argv);
    expect([code, err, out.split('\n')[0]]).toEqual([0, '', `usage: ${usage}`]);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('prints its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [['what'], 'serving-engine: unknown command "what"\n`serving-engine --help` lists the commands.\n'],
    [
      ['instal'],
      'serving-engine: unknown command "instal" (did you mean install?)\n`serving-engine --help` lists the commands.\n',
    ],
    [['--what'], 'serving-engine: "--what" is not a command\n`serving-engine --help` lists the commands.\n'],
  ])('answers %j with 2 and what is wrong', async (argv, err) => {
    expect(await run(argv)).toEqual({ code: 2, out: '', err });
  });

  it('answers no command with its help and 2', async () => {
    expect(await run([])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^usage: serving-engine COMMAND/),
    });
  });

  it.each([
    [['install', 'now'], 'install: ENGINE must be onnx, tensorflow, all (got "now")'],
    [['install', 'onnx', 'tensorflow'], 'install: unexpected argument "tensorflow"'],
    [['install', 'constructor'], 'install: ENGINE must be onnx, tensorflow, all (got "constructor")'],
    [
      ['install', '--accept_unknown_file=perhaps'],
      'install: --accept_unknown_file must be true or false (got "perhaps")',
    ],
    [
      ['install', '--accept_unknown_fil'],
      'install: unknown flag --accept_unknown_fil (did you mean --accept_unknown_file?)',
    ],
    [['doctor', 'now'], 'doctor: unexpected argument "now"'],
    [['doctor', 'a\nb'], 'doctor: unexpected argument "a\\nb"'],
  ])('answers %j with 2, what is wrong, and the usage', async (argv, problem) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    const [first, usage, help, end] = err.split('\n');
    expect([first, end]).toEqual([`serving-engine ${problem}`, '']);
    expect(usage).toMatch(new RegExp(`^usage: serving-engine ${argv[0]} `));
    expect(help).toBe(`\`serving-engine ${argv[0]} --help\` lists the flags.`);
  });
});

describe('serving-engine install', () => {
  it('says what it found when there is a library', async () => {
    expect(await run(['install'], { findLibrary: async () => library })).toEqual({
      code: 0,
      out: 'ONNX Runtime is here already: /lib/libonnxruntime.so.1 (cache)\n',
      err: '',
    });
  });

  it('installs, with lines of progress in a log', async () => {
    const installed = await run(['install'], {
      installLibrary: async ({ onProgress }) => {
        for (let done = 0; done <= 200e6; done += 1e6) onProgress?.({ phase: 'download', done, total: 200e6 });
        onProgress?.({ phase: 'unpack', done: 5e6 });
        return library;
      },
    });
    expect(installed.code).toBe(0);
    expect(installed.out).toBe('ONNX Runtime is installed: /lib/libonnxruntime.so.1\n');
    const lines = installed.err.trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(12);
    expect(lines[1]).toBe('Downloading:  10 %  20 of 200 MB');
    expect(lines.at(-1)).toBe('Unpacking: 5 MB');
  });

  it.each([
    [[], ['onnx']],
    [['onnx'], ['onnx']],
    [['tensorflow'], ['tensorflow']],
    [['all'], ['onnx', 'tensorflow']],
  ])('installs the library of the engine that is named: %j', async (argv, expected) => {
    const installed: string[] = [];
    const done = await run(['install', ...argv], {
      installLibrary: async ({ engine }) => {
        installed.push(engine);
        return library;
      },
    });
    expect([done.code, installed]).toEqual([0, expected]);
  });

  it('ends with the first library that can not be installed', async () => {
    const failing = (): Promise<never> => Promise.reject(new ServingError('UNAVAILABLE', 'npm: no network'));
    const failed = await run(['install', 'all'], { installLibrary: failing });
    expect(failed).toMatchObject({ code: 1, err: expect.not.stringContaining('TensorFlow') });
  });

  it.each([
    [[], false],
    [['--accept_unknown_file'], true],
    [['tensorflow', '--accept_unknown_file=true'], true],
    [['--accept_unknown_file=false'], false],
  ])('accepts an unknown file only with the flag: %j', async (flags, expected) => {
    let accepted: boolean | undefined;
    await run(['install', ...flags], {
      installLibrary: async ({ acceptUnknownFile }) => {
        accepted = acceptUnknownFile;
        return library;
      },
    });
    expect(accepted).toBe(expected);
  });

  it('draws a bar on a terminal, over itself', async () => {
    const installed = await run(
      ['install'],
      {
        installLibrary: async ({ onProgress }) => {
          onProgress?.({ phase: 'download', done: 50e6, total: 100e6 });
          onProgress?.({ phase: 'download', done: 100e6, total: 100e6 });
          return library;
        },
      },
      true,
    );
    const [, half, whole] = installed.err.split('\r');
    expect(half).toBe(`Downloading ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  50 of 100 MB`);
    expect(whole).toBe(`Downloading ${'█'.repeat(30)} 100 %  100 of 100 MB\n`);
  });

  it('tells why it failed', async () => {
    const failing = (): Promise<never> => Promise.reject(new ServingError('UNAVAILABLE', 'pip: no network'));
    const failed = await run(['install'], { installLibrary: failing });
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/serving-engine install: UNAVAILABLE: pip: no network\n$/);
  });
});

describe('serving-engine doctor', () => {
  it('tells all about the libraries, of which one works', async () => {
    const works = { path: library.path, source: 'cache', version: '1.30.0', devices: ['CPU'] } as const;
    expect(await run(['doctor'], { diagnose: async () => withLibrary(works) })).toEqual({
      code: 0,
      out: `Node          v20.19.0 (linux x64)
koffi         3.0.0
Cache folder  /cache

Engine onnx
Searched      cache: /lib/libonnxruntime.so.1
Library       /lib/libonnxruntime.so.1 (cache)
Version       1.30.0
Devices       CPU
Ready.

Engine tensorflow
Searched      environment: nothing there
TensorFlow's library was not found. \`npx serving-engine install tensorflow\` brings it.
`,
      err: '',
    });
  });

  it('exits with 1 when there is none, or none that loads', async () => {
    const none = await run(['doctor']);
    expect(none.code).toBe(1);
    expect(none.out).toMatch(/npx serving-engine install/);
    const broken = { path: library.path, source: 'cache', error: 'wrong ELF class' } as const;
    const unusable = await run(['doctor'], { diagnose: async () => withLibrary(broken) });
    expect(unusable.code).toBe(1);
    expect(unusable.out).toContain('wrong ELF class');
  });
});
