import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeLoader, FakeServable, fakePlatform } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { fileError } from '../files/file-error.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { PREDICT_METHOD_NAME, type Signature } from '../servable/signature.js';
import { compareVersions, type Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { localStorage } from '../source/local-storage.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type NamedTensors, type Tensor } from '../tensor/tensor.js';
import type { ModelConfig } from './config/model-config.js';
import { ModelServer, type ModelServerOptions } from './model-server.js';

let root: string;
let clock: ManualClock;
const servers: ModelServer[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'model-server-'));
  clock = new ManualClock();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(root, { recursive: true, force: true });
});

const addVersions = async (model: string, ...versions: number[]): Promise<void> => {
  for (const version of versions) await mkdir(join(root, model, String(version)), { recursive: true });
};

const model = (name: string, config: Partial<ModelConfig> = {}): ModelConfig => ({
  name,
  basePath: join(root, name),
  ...config,
});

async function start(
  models: readonly ModelConfig[],
  { prepare, ...options }: Partial<ModelServerOptions> & { prepare?: (loader: FakeLoader) => void } = {},
): Promise<ModelServer> {
  const platforms = { tensorflow: fakePlatform(prepare) };
  const server = await ModelServer.start({ models, platforms, clock, ...options });
  servers.push(server);
  return server;
}

/** One round of polling, and what follows from it. */
async function nextPoll(server: ModelServer, event: 'servable:end' | 'servable:available'): Promise<void> {
  const happened = new Promise<unknown>((resolve) => {
    server.once(event, resolve);
  });
  await clock.advance(1000);
  await happened;
}

async function versionOf(server: ModelServer, spec: ModelSpec): Promise<Version> {
  const { version } = await server.predict({ ...spec, inputs: { x: [0] } });
  return version;
}

describe('ModelServer.start', () => {
  it('serves the latest version of each model', async () => {
    await addVersions('a', 1, 2);
    await addVersions('b', 7);
    const server = await start([model('a'), model('b')]);
    expect(server.state).toBe('serving');
    expect(await versionOf(server, { model: 'a' })).toBe(2);
    expect(await versionOf(server, { model: 'b' })).toBe(7);
  });

  it('waits for every version of a model', async () => {
    await addVersions('a', 1, 2, 3);
    const server = await start([model('a', { versionPolicy: { all: {} } })]);
    expect(server.getModelStatus({ model: 'a' }).map(({ version, state }) => [version, state])).toEqual([
      [3, 'AVAILABLE'],
      [2, 'AVAILABLE'],
      [1, 'AVAILABLE'],
    ]);
    expect(await versionOf(server, { model: 'a', version: 1 })).toBe(1);
  });

  it('lets no bad model keep the others from being served, and tells what is wrong with each', async () => {
    await addVersions('good', 1);
    await addVersions('broken', 1);
    await mkdir(join(root, 'empty', 'tmp'), { recursive: true });
    await writeFile(join(root, 'file'), '');
    const errors: string[] = [];
    await symlink('loop', join(root, 'loop'));
    const server = await start(
      ['good', 'broken', 'empty', 'file', 'missing', 'loop', 'busy'].map((name) => model(name)),
      {
        prepare: (loader) => {
          if (loader.id.name === 'broken')
            loader.onLoad = () => Promise.reject(new ServingError('DATA_LOSS', 'no data'));
        },
        maxNumLoadRetries: 1,
        loadRetryIntervalMs: 5000,
        on: { error: ({ code, message }) => errors.push(`${code}: ${message}`) },
        storage: {
          ...localStorage,
          listChildren: async (folder) => {
            if (!folder.endsWith('busy')) return localStorage.listChildren(folder);
            throw fileError(folder, Object.assign(new Error(), { code: 'EMFILE' }));
          },
        },
      },
    );
    expect(await versionOf(server, { model: 'good' })).toBe(1);
    const failure = { errorCode: 'DATA_LOSS', errorMessage: 'Failed to load {name: broken version: 1}: no data' };
    expect(server.getModelStatus({ model: 'broken' })).toEqual([{ version: 1, state: 'LOADING', status: failure }]);
    await clock.advance(5000);
    expect(server.getModelStatus({ model: 'broken' })).toEqual([{ version: 1, state: 'END', status: failure }]);
    const expected = {
      empty: `Unable to find a numerical version path for servable empty at: ${join(root, 'empty')}`,
      file: `Could not find base path ${join(root, 'file')} for servable file with error FAILED_PRECONDITION: ${join(root, 'file')} is not a directory`,
      missing: `Could not find base path ${join(root, 'missing')} for servable missing with error NOT_FOUND: ${join(root, 'missing')} not found`,
      loop: `Could not find base path ${join(root, 'loop')} for servable loop with error FAILED_PRECONDITION: ${join(root, 'loop')} is a loop of symbolic links`,
      busy: `Could not find base path ${join(root, 'busy')} for servable busy with error RESOURCE_EXHAUSTED: ${join(root, 'busy')} can't be opened: the process has too many open files (raise its limit, ulimit -n)`,
    };
    for (const [name, reason] of Object.entries(expected)) {
      expect(() => server.getModelStatus({ model: name })).toThrow(
        expect.objectContaining({
          code: 'NOT_FOUND',
          message: `Could not find any versions of model ${name}: ${reason}`,
        }),
      );
      expect(errors.filter((error) => error === `NOT_FOUND: ${reason}`)).toHaveLength(1);
    }
  });

  it('rejects a wrong configuration', async () => {
    await expect(start([model('a'), model('a')])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message:
        'Invalid model server configuration: models[1].name: Illegal to list model a multiple times in config list',
    });
  });

  it('rejects when a platform makes no adapter', async () => {
    const platforms = {
      tensorflow: {
        createSourceAdapter: () => {
          throw new Error('no runtime');
        },
      },
    };
    await expect(start([model('a')], { platforms })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'Platform tensorflow made no source adapter: no runtime',
    });
  });

  it('tells those who listen from the beginning of everything, in order', async () => {
    await addVersions('a', 1);
    const events: string[] = [];
    const listen = (name: string) => () => events.push(name);
    const server = await start([model('a')], {
      on: {
        'servable:start': listen('start'),
        'servable:loading': listen('loading'),
        'servable:available': ({ id }) => events.push(`available ${id.name} ${id.version}`),
        'servable:unloading': listen('unloading'),
        'servable:end': listen('end'),
      },
    });
    await server.close();
    expect(events).toEqual(['start', 'loading', 'available a 1', 'unloading', 'end']);
  });
});

describe('ModelServer while it serves', () => {
  it('changes over to a new version without a gap, and back', async () => {
    await addVersions('a', 1);
    const server = await start([model('a')]);
    using held = server.getServableHandle({ model: 'a' });
    await addVersions('a', 2);
    await nextPoll(server, 'servable:available');
    expect(await versionOf(server, { model: 'a' })).toBe(2);
    expect(server.getModelStatus({ model: 'a', version: 1 })[0]?.state).toBe('UNLOADING');
    const signature = held.servable.signatures.get('serving_default')!;
    const inputs = { x: createTensor('float', [1], new Float32Array(1)) };
    expect((await held.servable.run(signature, inputs)).y?.data).toEqual(Float32Array.of(1));
    held.release();
    await clock.advance(0);
    expect(server.getModelStatus({ model: 'a', version: 1 })[0]?.state).toBe('END');
    await rm(join(root, 'a', '2'), { recursive: true });
    await nextPoll(server, 'servable:available');
    expect(await versionOf(server, { model: 'a' })).toBe(1);
  });

  it('fails no request while versions come and go', async () => {
    await addVersions('a', 1);
    const server = await start([model('a')], {
      // An answer takes some turns, so that versions are taken away under it.
      prepare: ({ servable }) => {
        const run = servable.run.bind(servable);
        servable.run = async (...args) => {
          for (let turn = 0; turn < 3; turn += 1) await settle();
          return run(...args);
        };
      },
    });
    const answered = new Set<Version>();
    let isOver = false;
    const ask = async (): Promise<void> => {
      while (!isOver) answered.add(await versionOf(server, { model: 'a' }));
    };
    const callers = Array.from({ length: 8 }, ask);
    for (let version = 2; version <= 20; version += 1) {
      await addVersions('a', version);
      await nextPoll(server, 'servable:end');
    }
    isOver = true;
    await Promise.all(callers);
    expect([...answered].sort(compareVersions)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('keeps what is loaded while the base path is away', async () => {
    await addVersions('a', 1);
    const errors: ServingError[] = [];
    const server = await start([model('a')], { on: { error: (error) => errors.push(error) } });
    await rename(join(root, 'a'), join(root, 'away'));
    const told = new Promise((resolve) => {
      server.once('error', resolve);
    });
    await clock.advance(1000);
    await told;
    expect(await versionOf(server, { model: 'a' })).toBe(1);
    expect(errors[0]?.message).toContain('Could not find base path');
  });

  it('sees a model appear whose base path was missing at the start', async () => {
    const server = await start([model('a')]);
    await addVersions('a', 3);
    await nextPoll(server, 'servable:available');
    expect(await versionOf(server, { model: 'a' })).toBe(3);
  });

  it('goes on when a subscriber throws, and tells', async () => {
    await addVersions('a', 1);
    const errors: string[] = [];
    const server = await start([model('a')], {
      on: {
        'servable:available': () => {
          throw new Error('oops');
        },
        error: ({ message }) => {
          errors.push(message);
          throw new Error('again');
        },
      },
    });
    expect(errors).toEqual(['A subscriber to servable:available failed: oops']);
    expect(await versionOf(server, { model: 'a' })).toBe(1);
  });

  it('ends subscriptions by off and by signal', async () => {
    await addVersions('a', 1);
    const server = await start([model('a')]);
    const heard: string[] = [];
    const listener = (): unknown => heard.push('off');
    const controller = new AbortController();
    server.on('servable:end', listener);
    server.on('servable:end', () => heard.push('signal'), { signal: controller.signal });
    server.on('servable:end', () => heard.push('stays'));
    server.off('servable:end', listener);
    controller.abort();
    await server.close();
    expect(heard).toEqual(['stays']);
  });
});

describe('ModelServer.predict', () => {
  let server: ModelServer;
  beforeEach(async () => {
    await addVersions('a', 1, 2);
    server = await start([
      model('a', { versionPolicy: { all: {} }, versionLabels: { stable: 1, canary: 2, next: 3 } }),
    ]);
  });

  it('names what answered and gives the outputs', async () => {
    const { outputs, ...ran } = await server.predict({ model: 'a', inputs: { x: [[1, 2]] } });
    expect(ran).toEqual({ model: 'a', version: 2, signatureName: 'serving_default' });
    expect({ ...outputs }).toEqual({
      y: { dtype: 'float', shape: [1, 2], data: Float32Array.of(3, 4) },
      version: { dtype: 'int32', shape: [], data: Int32Array.of(2) },
    });
  });

  it.each([
    [{ version: 1 }, 1],
    [{ label: 'stable' }, 1],
    [{ label: 'canary' }, 2],
    [{}, 2],
  ])('asks %o of version %i', async (spec, version) => {
    expect(await versionOf(server, { model: 'a', ...spec })).toBe(version);
  });

  it('gives the outputs that are asked for', async () => {
    const { outputs } = await server.predict({ model: 'a', inputs: { x: 1 }, outputFilter: ['version'] });
    expect(Object.keys(outputs)).toEqual(['version']);
  });

  it('fills in defaults of another signature', async () => {
    const { signatureName, outputs } = await server.predict({ model: 'a', signatureName: 'offset', inputs: { x: 1 } });
    expect(signatureName).toBe('offset');
    expect(outputs.y?.data).toEqual(Float32Array.of(101));
  });

  it.each<[string, Parameters<ModelServer['predict']>[0], string, string]>([
    ['a model', { model: 'b', inputs: {} }, 'NOT_FOUND', 'Servable not found for request: Latest(b)'],
    [
      'a version',
      { model: 'a', version: 9, inputs: {} },
      'NOT_FOUND',
      'Servable not found for request: Specific(a, 9)',
    ],
    ['a label', { model: 'a', label: 'x', inputs: {} }, 'INVALID_ARGUMENT', 'Unrecognized servable version label: x'],
    ['any label', { model: 'b', label: 'x', inputs: {} }, 'INVALID_ARGUMENT', 'Unrecognized servable version label: x'],
    [
      'a label whose version is not there',
      { model: 'a', label: 'next', inputs: {} },
      'NOT_FOUND',
      'Servable not found for request: Specific(a, 3)',
    ],
    [
      'a version and a label',
      { model: 'a', label: 'stable', version: 1, inputs: {} },
      'INVALID_ARGUMENT',
      'A request for model a specifies both version 1 and label stable: use one or the other',
    ],
    [
      'a signature',
      { model: 'a', signatureName: 's', inputs: {} },
      'FAILED_PRECONDITION',
      'Serving signature key "s" not found.',
    ],
    [
      'a value',
      { model: 'a', inputs: { x: [1, 'b'] } },
      'INVALID_ARGUMENT',
      'Model a version 2, signature "serving_default": inputs.x[1]: expected a number for float, got string "b"',
    ],
    ['a name', { model: '', inputs: {} }, 'INVALID_ARGUMENT', 'ModelSpec has no name specified.'],
    [
      'a time limit',
      { model: 'a', inputs: { x: 1 }, timeoutMs: Number.NaN },
      'INVALID_ARGUMENT',
      'timeoutMs: must be a non-negative number (got NaN)',
    ],
    [
      'an output',
      { model: 'a', inputs: { x: 1 }, outputFilter: ['q'] },
      'INVALID_ARGUMENT',
      'Model a version 2, signature "serving_default": output tensor alias not found in signature: q Outputs expected to be in the set {version,y}.',
    ],
  ])('refuses %s that it has not', async (_, request, code, message) => {
    await expect(server.predict(request)).rejects.toMatchObject({ code, message });
  });

  it('answers by a label as soon as its version is there', async () => {
    await addVersions('a', 3);
    await nextPoll(server, 'servable:available');
    expect(await versionOf(server, { model: 'a', label: 'next' })).toBe(3);
  });

  it('converts any error of a run to a ServingError, and releases the version', async () => {
    await addVersions('b', 1);
    const other = await start([model('b')], {
      prepare: ({ servable }) => {
        servable.run = () => Promise.reject(new RangeError('too far'));
      },
    });
    await expect(other.predict({ model: 'b', inputs: { x: 1 } })).rejects.toMatchObject({
      code: 'UNKNOWN',
      message: 'too far',
    });
    await other.close();
  });

  it('ends at its time limit and by its signal', async () => {
    await addVersions('b', 1);
    const gate = new Gate();
    const other = await start([model('b')], {
      prepare: ({ servable }) => {
        servable.run = () => gate.opened.then(() => ({}));
      },
    });
    const limited = other.predict({ model: 'b', inputs: { x: 1 }, timeoutMs: 50 });
    const timedOut = expect(limited).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await clock.advance(50);
    await timedOut;
    const controller = new AbortController();
    const aborted = other.predict({ model: 'b', inputs: { x: 1 }, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
    const closed = other.close();
    expect(await isSettled(closed)).toBe(false);
    gate.open();
    await closed;
  });
});

describe('ModelServer.getServableHandle', () => {
  it('has the reason for logs when no version is available', async () => {
    await addVersions('broken', 1);
    await addVersions('half', 1, 2);
    const server = await start(
      [
        model('broken'),
        model('half', { versionPolicy: { all: {} } }),
        model('missing', { basePath: join(root, '404') }),
      ],
      {
        prepare: (loader) => {
          if (loader.id.name === 'half' && loader.id.version === 1) return;
          loader.onLoad = () => {
            throw new ServingError('DATA_LOSS', `no graph in ${loader.id.version}`);
          };
        },
      },
    );
    const reasonOf = (spec: { model: string; version?: number }): unknown => {
      try {
        server.getServableHandle(spec).release();
        return 'available';
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(/^Servable not found for/) });
        return ((error as Error).cause as Error | undefined)?.message;
      }
    };
    expect(reasonOf({ model: 'broken' })).toContain('no graph in 1');
    expect(reasonOf({ model: 'half' })).toBe('available');
    expect(reasonOf({ model: 'half', version: 2 })).toContain('no graph in 2');
    expect(reasonOf({ model: 'half', version: 3 })).toBeUndefined();
    expect(reasonOf({ model: 'missing' })).toContain(`Could not find base path ${join(root, '404')}`);
    expect(reasonOf({ model: 'unheard-of' })).toBeUndefined();
  });

  it.each<[string, (server: ModelServer) => Promise<unknown>]>([
    [
      'Unknown option "timeout" of ModelServer.close(): did you mean "timeoutMs"?',
      (server) => server.close({ timeout: 1 } as object),
    ],
    [
      'Unknown option "servable:avaliable" of "on" of ModelServer.start(): did you mean "servable:available"?',
      () => start([], { on: { 'servable:avaliable': () => undefined } as object }),
    ],
  ])('rejects with: %s', async (message, ask) => {
    await expect(ask(await start([]))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  it('gives a servable of another kind only to those who recognise it', async () => {
    await addVersions('words', 1);
    const vocabulary = platformFromLoader(() => simpleLoader({ load: () => new Map([['tea', 7]]) }));
    const server = await start([model('words', { platform: 'vocabulary' })], { platforms: { vocabulary } });
    expect(() => server.getServableHandle({ model: 'words' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: "Servable type doesn't match the asked for type.",
      }),
    );
    const isVocabulary = (servable: unknown): servable is Map<string, number> => servable instanceof Map;
    using handle = server.getServableHandle({ model: 'words' }, isVocabulary);
    expect(handle.servable.get('tea')).toBe(7);
  });
});

describe('ModelServer.getModelStatus', () => {
  it('knows no version of a model that it was not told of', async () => {
    const server = await start([]);
    expect(() => server.getModelStatus({ model: 'x' })).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: 'Could not find any versions of model x' }),
    );
  });

  it('refuses a version that it does not know', async () => {
    await addVersions('a', 1);
    const server = await start([model('a')]);
    expect(server.getModelStatus({ model: 'a', version: 1 })).toHaveLength(1);
    expect(() => server.getModelStatus({ model: 'a', version: 2 })).toThrow('Could not find version 2 of model a');
    expect(() => server.getModelStatus({ model: 'x', version: 2 })).toThrow('Could not find version 2 of model x');
  });
});

describe('ModelServer.getModelMetadata', () => {
  it('derives signature definitions from the signatures of a servable that has none', async () => {
    await addVersions('a', 1);
    const server = await start([model('a')]);
    const { signatureDef, ...found } = server.getModelMetadata({ model: 'a' });
    expect(found).toEqual({ model: 'a', version: 1 });
    expect(signatureDef.get('serving_default')).toEqual({
      methodName: PREDICT_METHOD_NAME,
      inputs: new Map([['x', { name: 'x', dtype: 1, tensorShape: { dim: [], unknownRank: true } }]]),
      outputs: new Map([
        ['y', { name: 'y', dtype: 1, tensorShape: { dim: [], unknownRank: true } }],
        ['version', { name: 'version', dtype: 3, tensorShape: { dim: [], unknownRank: true } }],
      ]),
      defaults: new Map(),
    });
  });

  it('gives those that the servable has', async () => {
    await addVersions('a', 1);
    const signatureDefs = new Map();
    const server = await start([model('a')], {
      prepare: (loader) => Object.assign(loader.servable, { signatureDefs }),
    });
    expect(server.getModelMetadata({ model: 'a' }).signatureDef).toBe(signatureDefs);
  });
});

describe('ModelServer.close', () => {
  it('rejects new requests, waits for those in flight, unloads, and closes each platform once', async () => {
    await addVersions('a', 1);
    const loaders: FakeLoader[] = [];
    let closings = 0;
    const platform = {
      ...fakePlatform((loader) => loaders.push(loader)),
      close: async () => {
        expect(loaders.filter(({ isLoaded }) => isLoaded)).toEqual([]);
        closings += 1;
      },
    };
    const server = await start([model('a')], { platforms: { tensorflow: platform, other: platform } });
    const handle = server.getServableHandle({ model: 'a' });
    const closed = server.close();
    expect(server.close()).toBe(closed);
    expect(server.state).toBe('draining');
    await expect(server.predict({ model: 'a', inputs: { x: 1 } })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'The model server is draining',
    });
    expect(await isSettled(closed)).toBe(false);
    expect(handle.servable).toBeInstanceOf(FakeServable);
    handle.release();
    await closed;
    expect(server.state).toBe('closed');
    expect(closings).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    expect(server.getModelStatus({ model: 'a' })).toEqual([
      { version: 1, state: 'END', status: { errorCode: 'OK', errorMessage: '' } },
    ]);
    await expect(server.predict({ model: 'a', inputs: { x: 1 } })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await server.close();
  });

  it('closes in spite of a platform and an unload that fail', async () => {
    await addVersions('a', 1);
    const errors: string[] = [];
    const platform = {
      ...fakePlatform((loader) => {
        loader.onUnload = () => Promise.reject(new Error('stuck'));
      }),
      close: () => Promise.reject(new Error('stuck too')),
    };
    const server = await start([model('a')], {
      platforms: { tensorflow: platform },
      on: { error: ({ message }) => errors.push(message) },
    });
    await server.close();
    expect(errors).toEqual(['Failed to close a platform: stuck too']);
    expect(server.getModelStatus({ model: 'a' })[0]?.status).toEqual({
      errorCode: 'INTERNAL',
      errorMessage: 'Failed to unload {name: a version: 1}: stuck',
    });
  });

  it('happens at the end of a block', async () => {
    await addVersions('a', 1);
    let ended = 0;
    {
      await using server = await start([model('a')]);
      server.on('servable:end', () => {
        ended += 1;
      });
    }
    expect(ended).toBe(1);
  });
});

describe('platformFromLoader', () => {
  /** Answers words with the numbers that a file gives them. */
  class Vocabulary implements InferenceServable {
    readonly signatures: ReadonlyMap<string, Signature>;
    readonly #numbers: ReadonlyMap<string, number>;

    constructor(text: string) {
      this.#numbers = new Map(text.split('\n').map((word, i) => [word, i]));
      const spec = (name: string, dtype: 'string' | 'int32') => new Map([[name, { name, dtype, shape: [-1] }]]);
      const signature = {
        name: 'serving_default',
        methodName: PREDICT_METHOD_NAME,
        inputs: spec('words', 'string'),
        outputs: spec('numbers', 'int32'),
        defaults: new Map(),
      };
      this.signatures = new Map([[signature.name, signature]]);
    }

    async run(_: Signature, inputs: NamedTensors): Promise<NamedTensors> {
      const { shape, data } = inputs.words as Tensor<'string'>;
      const numbers = data.toStrings().map((word) => this.#numbers.get(word) ?? -1);
      return { numbers: createTensor('int32', shape, Int32Array.from(numbers)) };
    }
  }

  it('is served like any other, version by version', async () => {
    await addVersions('words', 1);
    await writeFile(join(root, 'words', '1', 'vocabulary.txt'), 'tea\ncoffee');
    const vocabulary = platformFromLoader((path) =>
      simpleLoader({ load: async () => new Vocabulary(await readFile(join(path, 'vocabulary.txt'), 'utf8')) }),
    );
    const server = await start([model('words', { platform: 'vocabulary' })], { platforms: { vocabulary } });
    const ask = async () => {
      const { outputs } = await server.predict({ model: 'words', inputs: { words: ['coffee', 'milk'] } });
      return outputs.numbers?.data;
    };
    expect(await ask()).toEqual(Int32Array.of(1, -1));
    const bytes = createTensor('string', [1], StringArray.from(['tea']));
    const { outputs } = await server.predict({ model: 'words', inputs: { words: bytes } });
    expect(outputs.numbers?.data).toEqual(Int32Array.of(0));
    await mkdir(join(root, 'new'));
    await writeFile(join(root, 'new', 'vocabulary.txt'), 'tea\nmilk\nwater\ncoffee');
    await rename(join(root, 'new'), join(root, 'words', '2'));
    await nextPoll(server, 'servable:available');
    expect(await ask()).toEqual(Int32Array.of(3, 1));
  });
});

describe('the error for an unknown model', () => {
  it('hints at the models there are, and keeps the text for clients', async () => {
    await addVersions('digits', 1);
    const server = await start([model('digits')]);
    const failure = await server.predict({ model: 'digts', inputs: {} }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NOT_FOUND', hint: 'Did you mean "digits"? Models: digits' });
    expect((failure as ServingError).clientMessage).toBe('Servable not found for request: Latest(digts)');
  });
});

describe('the error for a model without an available version', () => {
  it('hints at the reason and the fix', async () => {
    await mkdir(join(root, 'digits', 'version_1'), { recursive: true });
    const server = await start([model('digits')]);
    const failure = await server.predict({ model: 'digits', inputs: {} }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'NOT_FOUND',
      message: 'Servable not found for request: Latest(digits)',
      hint: expect.stringMatching(
        /^Unable to find a numerical version path .*\/version_1" is not a version folder: rename it/,
      ),
    });
  });
});
