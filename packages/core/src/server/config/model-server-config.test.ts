import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakePlatform } from '../../../../test-doubles/src/fake-platform.js';
import { systemClock } from '../../clock.js';
import { availabilityPreservingPolicy } from '../../manager/availability-preserving-policy.js';
import { LogCollectorRegistry } from '../../request-logging/log-collector-registry.js';
import type { LoggingConfig } from '../../request-logging/logging-config.js';
import { ServingError } from '../../serving-error.js';
import { localStorage } from '../../source/local-storage.js';
import type { ModelServerConfig } from './model-server-config.js';
import { validateModelServerConfig } from './model-server-options.js';

const platforms = { tensorflow: fakePlatform() };
const model = { name: 'm', basePath: '/models/m' };

function problemsOf(config: unknown): string[] {
  try {
    validateModelServerConfig(config as ModelServerConfig);
  } catch (error) {
    expect(error).toBeInstanceOf(ServingError);
    const { code, message } = error as ServingError;
    expect(code).toBe('INVALID_ARGUMENT');
    const [start, ...rest] = message.split(': ');
    expect(start).toBe('Invalid model server configuration');
    return rest.join(': ').split('; ');
  }
  return [];
}

describe('validateModelServerConfig', () => {
  it('fills in the defaults', () => {
    expect(validateModelServerConfig({ models: [model], platforms })).toEqual({
      models: [
        {
          ...model,
          platform: 'tensorflow',
          versionPolicy: { latest: { numVersions: 1 } },
          unversionedBasePath: false,
          versionLabels: new Map(),
        },
      ],
      platforms: new Map(Object.entries(platforms)),
      pollIntervalMs: 1000,
      maxKeptBytes: 32 * 1024 * 1024,
      maxNumLoadRetries: 5,
      loadRetryIntervalMs: 60_000,
      numLoadThreads: 1,
      numUnloadThreads: 1,
      startPolicy: 'none',
      failIfNoModelVersionsFound: false,
      servableVersionsAlwaysPresent: false,
      enableReloadServablesWithError: false,
      resourceLimits: {},
      insufficientResources: 'fail',
      storage: localStorage,
      hasLocalPaths: true,
      allowVersionLabels: true,
      allowVersionLabelsForUnavailableModels: false,
      forceAllowAnyVersionLabelsForUnavailableModels: false,
      enforceSignatureShapes: true,
      logCollectors: expect.any(LogCollectorRegistry),
      task: {},
      aspiredVersionPolicy: availabilityPreservingPolicy,
      clock: systemClock,
    });
  });

  it('keeps what is given, and hands platforms, policy and clock through as they are', () => {
    const clock = { ...systemClock };
    const valid = validateModelServerConfig({
      models: [
        {
          ...model,
          basePath: 'relative',
          versionPolicy: { specific: { versions: [1, 2] } },
          versionLabels: { stable: 1 },
        },
      ],
      platforms,
      pollIntervalMs: false,
      loadRetryIntervalMs: 0.5,
      numLoadThreads: 3,
      clock,
    });
    expect(valid.models?.[0]).toMatchObject({
      basePath: resolve('relative'),
      versionPolicy: { specific: { versions: [1, 2] } },
      versionLabels: new Map([['stable', 1]]),
    });
    expect(valid).toMatchObject({ pollIntervalMs: false, loadRetryIntervalMs: 0.5, numLoadThreads: 3 });
    expect(valid.clock).toBe(clock);
    expect(valid.platforms.get('tensorflow')).toBe(platforms.tensorflow);
  });

  it('hands logging on as it is, its collectors too', () => {
    const logCollectors = new LogCollectorRegistry();
    const logCollector = (): undefined => undefined;
    const loggingConfig: LoggingConfig = {
      logCollector,
      samplingConfig: { samplingRate: 0.5, perTaskSamplingConfigs: [{ dc: 'eu', samplingRate: 1 }] },
    };
    const task = { dc: 'eu', taskIndex: 3 };
    const valid = validateModelServerConfig({ models: [{ ...model, loggingConfig }], platforms, logCollectors, task });
    expect(valid.models?.[0]?.loggingConfig).toEqual(loggingConfig);
    expect(valid.models?.[0]?.loggingConfig?.logCollector).toBe(logCollector);
    expect(valid.logCollectors).toBe(logCollectors);
    expect(valid.task).toEqual(task);
  });

  it.each<[string, unknown, string[]]>([
    [
      'no collector',
      { samplingConfig: { samplingRate: 1 } },
      ['models[0].loggingConfig: expected either logCollectorConfig or logCollector'],
    ],
    [
      'two collectors',
      { logCollector: () => 1, logCollectorConfig: { type: 't' }, samplingConfig: { samplingRate: 1 } },
      ['models[0].loggingConfig: expected either logCollectorConfig or logCollector'],
    ],
    [
      'a collector that collects nothing',
      { logCollector: { log: () => 1 }, samplingConfig: { samplingRate: 1 } },
      ['models[0].loggingConfig.logCollector: expected a function, or an object with collect'],
    ],
    ['no sampling', { logCollector: () => 1 }, ['models[0].loggingConfig.samplingConfig: missing: must be an object']],
    [
      'a rate that is not a number, and an unknown field',
      {
        logCollectorConfig: { type: 't', prefix: 'p' },
        samplingConfig: { samplingRate: Number.NaN, perTaskSamplingConfigs: [{ dc: 1, samplingRate: 1 }] },
      },
      [
        'models[0].loggingConfig.logCollectorConfig: unknown option "prefix": did you mean "filenamePrefix"? Options: type, filenamePrefix',
        'models[0].loggingConfig.samplingConfig.samplingRate: must be a number (got NaN)',
        'models[0].loggingConfig.samplingConfig.perTaskSamplingConfigs[0].dc: must be a string (got 1)',
      ],
    ],
  ])('refuses a loggingConfig with %s', (_, loggingConfig, expected) => {
    expect(problemsOf({ models: [{ ...model, loggingConfig }], platforms })).toEqual(expected);
  });

  it('allows a server without models', () => {
    expect(problemsOf({ models: [], platforms: {} })).toEqual([]);
  });

  it('needs no models beside a config source', () => {
    const configSource = { read: async () => undefined, pollIntervalMs: 1000 };
    const valid = validateModelServerConfig({ configSource, platforms });
    expect(valid.models).toBeUndefined();
    expect(valid.configSource).toBe(configSource);
  });

  it.each([
    ['gs://bucket/m', { ...localStorage }, 'gs://bucket/m'],
    ['file:///models/m', { ...localStorage }, 'file:///models/m'],
    ['~/m', { ...localStorage }, '~/m'],
    ['file:///models/my%20m', undefined, '/models/my m'],
    ['./~m', undefined, resolve('~m')],
    ['models/m', { ...localStorage }, 'models/m'],
    ['models/m', undefined, resolve('models/m')],
  ])('takes base path %s, with storage %o, for %s', (basePath, storage, expected) => {
    const valid = validateModelServerConfig({
      models: [{ ...model, basePath }],
      platforms,
      ...(storage && { storage }),
    });
    expect(valid.models?.[0]?.basePath).toBe(expected);
  });

  const version = 'expected a version, an int64 as a number, a bigint or digits';
  const policies = 'expected one of { latest: { numVersions } }, { all: {} }, { specific: { versions } }';

  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['options: missing: must be an object']],
    [
      'no platforms',
      { models: [model] },
      ['platforms: missing: must be an object of platforms by name, such as { tensorflow: savedModelPlatform() }'],
    ],
    ['no models', { platforms }, ['models: missing: must be a list of models, unless there is a configSource']],
    [
      'an unknown option',
      { models: [], platforms, modles: [] },
      [expect.stringMatching(/^options: unknown option "modles": did you mean "models"\? Options: models, /)],
    ],
    [
      'an unknown field of a model',
      { models: [{ ...model, path: '' }], platforms },
      [expect.stringMatching(/^models\[0\]: unknown option "path": did you mean "basePath"\? Options: name, /)],
    ],
    [
      'no name and no base path',
      { models: [model, {}], platforms },
      ['models[1].name: missing: must be a string', 'models[1].basePath: missing: must be a string'],
    ],
    [
      'a name twice',
      { models: [model, model], platforms },
      ['models[1].name: Illegal to list model m multiple times in config list'],
    ],
    [
      'an unknown platform',
      { models: [{ ...model, platform: 'onnx' }], platforms },
      ['models[0].platform: Model m requests unsupported platform onnx (supported: tensorflow)'],
    ],
    [
      'an inherited key as platform',
      { models: [{ ...model, platform: 'constructor' }], platforms: {} },
      [
        'models[0].platform: Model m requests unsupported platform constructor (supported: none): pass platforms, such as { tensorflow: savedModelPlatform() }',
      ],
    ],
    [
      'batching that cannot be',
      { models: [model], platforms, batching: { maxBatchSize: 0 } },
      ['batching.maxBatchSize: must be at least 1 (got 0)'],
    ],
    [
      'batching of a model that does not fit its server',
      { models: [{ ...model, batching: { allowedBatchSizes: [4] } }], platforms, batching: { maxBatchSize: 8 } },
      [
        'models[0].batching: Invalid batching options: allowedBatchSizes: Last entry in allowed_batch_sizes must match max_batch_size',
        'last entry was 4',
        'expected 8',
      ],
    ],
    [
      'something else as batching of a model',
      { models: [{ ...model, batching: true }], platforms },
      ['models[0].batching: expected batching options, or false'],
    ],
    [
      'a list of models that is an object, and a start policy that is nearly one',
      { models: { digits: './models/digits' }, platforms, startPolicy: 'al' },
      [
        "models: must be a list such as [{ name: 'digits', basePath: './models/digits' }] (got an object)",
        'startPolicy: must be one of "all", "any", "none" (got "al"): did you mean "all"?',
      ],
    ],
    [
      'a platform that is nearly one',
      { models: [{ ...model, platform: 'tensorflw' }], platforms },
      [
        'models[0].platform: Model m requests unsupported platform tensorflw (supported: tensorflow): did you mean "tensorflow"?',
      ],
    ],
    [
      'the function that makes a platform',
      { models: [], platforms: { tensorflow: function savedModelPlatform() {} } },
      [
        'platforms.tensorflow: must be a platform, an object with createSourceAdapter (got a function): call it, as in savedModelPlatform(…)',
      ],
    ],
    [
      'a promise as a platform',
      { models: [], platforms: { tensorflow: Promise.resolve() } },
      ['platforms.tensorflow: must be a platform, an object with createSourceAdapter (got a promise: await it first)'],
    ],
    [
      'something else as a platform',
      { models: [], platforms: { tensorflow: {} } },
      ['platforms.tensorflow: must be a platform, an object with createSourceAdapter (got an object)'],
    ],
    [
      'a bad number of versions',
      { models: [model, { ...model, name: 'n', versionPolicy: { latest: { numVersions: 0 } } }], platforms },
      ['models[1].versionPolicy.latest.numVersions: must be at least 1 (got 0)'],
    ],
    [
      'bad versions',
      { models: [{ ...model, versionPolicy: { specific: { versions: [1, 'a'] } } }], platforms },
      [`models[0].versionPolicy.specific.versions[1]: ${version} (got "a")`],
    ],
    [
      'an unknown policy',
      { models: [{ ...model, versionPolicy: { newest: {} } }], platforms },
      [`models[0].versionPolicy: ${policies}`],
    ],
    [
      'two policies',
      { models: [{ ...model, versionPolicy: { all: {}, latest: { numVersions: 1 } } }], platforms },
      [`models[0].versionPolicy: ${policies}`],
    ],
    [
      'a label for no version',
      { models: [{ ...model, versionLabels: { stable: '1.5' } }], platforms },
      [`models[0].versionLabels.stable: ${version} (got "1.5")`],
    ],
    [
      'a start that insists on what is never looked for',
      { models: [], platforms, startPolicy: 'any', pollIntervalMs: false },
      ['startPolicy: needs a poll of the base paths, but pollIntervalMs is false'],
    ],
    [
      'hooks and limits of another kind',
      { models: [], platforms, preLoadHook: {}, resourceLimits: { ramBytes: -1, devices: [{ device: 'gpu' }] } },
      [
        'preLoadHook: expected a function',
        'resourceLimits.ramBytes: must be at least 0 (got -1)',
        'resourceLimits.devices[0].kind: missing: must be a string',
        'resourceLimits.devices[0].quantity: missing: must be a number',
      ],
    ],
    [
      'something else as a config source and as a storage',
      { configSource: {}, storage: {}, platforms },
      [
        'configSource: must be a config source, an object with read (got an object)',
        'storage: must be a storage, an object with listChildren, join (got an object)',
      ],
    ],
    [
      'a config source without an interval',
      { configSource: { read: () => undefined }, platforms },
      ['configSource.pollIntervalMs: expected a number of milliseconds over 0 and up to 2147483647, or false'],
    ],
    [
      'several wrong fields',
      { models: [], platforms, maxNumLoadRetries: -1, pollIntervalMs: 1e12, clock: {} },
      [
        "pollIntervalMs: expected a number of milliseconds over 0 and up to 2147483647, 'once' or false",
        'maxNumLoadRetries: must be at least 0 (got -1)',
        'clock: must be a clock, an object with now, wallTime, setTimer (got an object)',
      ],
    ],
  ])('refuses %s', (_, config, problems) => {
    expect(problemsOf(config)).toEqual(problems);
  });
});
