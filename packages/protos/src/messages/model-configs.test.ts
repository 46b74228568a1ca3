import { describe, expect, it } from 'vitest';
import { parseModelServerConfig } from '../text/model-server-config.js';
import { toModelConfigs } from './model-configs.js';

const convert = (text: string): unknown => toModelConfigs(parseModelServerConfig(text, 'f'));
const convertModel = (fields: string, basePath = '/m'): unknown =>
  convert(`model_config_list { config { name: "m" base_path: "${basePath}" ${fields} } }`);

describe('toModelConfigs', () => {
  it('keeps the order of the models', () => {
    const text = `model_config_list {
      config { name: "b" base_path: "/b" model_platform: "tensorflow" version_labels { key: "stable" value: 3 } }
      config { name: "a" base_path: "s3://a" model_platform: "other" model_version_policy { all {} } } }`;
    expect(convert(text)).toEqual([
      { name: 'b', basePath: '/b', platform: 'tensorflow', versionLabels: { stable: 3 } },
      { name: 'a', basePath: 's3://a', platform: 'other', versionPolicy: { all: {} } },
    ]);
  });

  it.each([
    ['latest { num_versions: 2 }', { versionPolicy: { latest: { numVersions: 2 } } }],
    ['latest {}', { versionPolicy: { latest: { numVersions: 1 } } }],
    ['all {}', { versionPolicy: { all: {} } }],
    ['specific { versions: [3, 7] }', { versionPolicy: { specific: { versions: [3, 7] } } }],
    ['', {}],
  ])('reads the version policy %j', (policy, expected) => {
    const [model] = convertModel(`model_type: TENSORFLOW model_version_policy { ${policy} }`) as object[];
    expect(model).toEqual({ name: 'm', basePath: '/m', platform: 'tensorflow', ...expected });
  });

  it.each([
    [
      'logging_config {}',
      { logCollectorConfig: { type: '', filenamePrefix: '' }, samplingConfig: { samplingRate: 0 } },
    ],
    [
      `logging_config {
         log_collector_config { type: "tfrecord" filename_prefix: "/logs/m" }
         sampling_config { sampling_rate: 0.1 per_task_sampling_configs { task_index: 0 sampling_rate: 1 } }
         custom_logging_config { type_url: "t/x" value: "ab" }
       }`,
      {
        logCollectorConfig: { type: 'tfrecord', filenamePrefix: '/logs/m' },
        samplingConfig: {
          samplingRate: 0.1,
          attributes: 0,
          perTaskSamplingConfigs: [{ dc: '', taskIndex: 0, samplingRate: 1 }],
        },
        customLoggingConfig: { typeUrl: 't/x', value: Buffer.from('ab') },
      },
    ],
  ])('reads %s', (logging, loggingConfig) => {
    const [model] = convertModel(`model_type: TENSORFLOW ${logging}`) as object[];
    expect(model).toEqual({ name: 'm', basePath: '/m', platform: 'tensorflow', loggingConfig });
  });

  it('keeps a label called __proto__', () => {
    const [model] = convertModel('model_type: TENSORFLOW version_labels { key: "__proto__" value: 1 }') as {
      versionLabels: object;
    }[];
    expect(Object.entries(model!.versionLabels)).toEqual([['__proto__', 1]]);
  });

  it.each(['', 'model_config_list {}'])('has no models for %j', (text) => {
    expect(convert(text)).toEqual([]);
  });

  it.each([
    [
      'neither platform nor type',
      '',
      'Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is m',
    ],
    [
      'platform and type',
      'model_type: OTHER model_platform: "tensorflow"',
      'Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is m',
    ],
    ['a type without a platform', 'model_type: OTHER', 'ModelServerConfig::model_type choice 2 not supported.'],
  ])('refuses %s', (_, fields, message) => {
    expect(() => convertModel(fields)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });

  it('keeps every digit of a version: a number where that is exact, a bigint beyond', () => {
    const fields = `model_type: TENSORFLOW model_version_policy { specific { versions: [20241130113432123, 7] } }
      version_labels { key: "stable" value: 20241130113432123 } version_labels { key: "canary" value: -1 }`;
    expect(convertModel(fields)).toMatchObject([
      {
        versionPolicy: { specific: { versions: [20241130113432123n, 7] } },
        versionLabels: { stable: 20241130113432123n, canary: -1 },
      },
    ]);
  });

  it.each(['', 'models/m', './m', 'C:m'])('refuses the base path %j', (basePath) => {
    const message = `Expected model m to have an absolute path or URI; got base_path()=${basePath}`;
    expect(() => convertModel('model_type: TENSORFLOW', basePath)).toThrow(message);
  });

  it('takes a relative base path where that is allowed', () => {
    const config = parseModelServerConfig(
      'model_config_list { config { name: "m" base_path: "m" model_type: TENSORFLOW } }',
      'f',
    );
    expect(toModelConfigs(config, { allowRelativeBasePaths: true })).toMatchObject([{ name: 'm', basePath: 'm' }]);
  });

  it('refuses a custom model config', () => {
    expect(() => convert('custom_model_config { type_url: "t/x.Y" }')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'custom_model_config (t/x.Y) is not supported; use model_config_list',
      }),
    );
  });
});
