import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { parseModelServerConfig } from './model-server-config.js';

/** The model of a file with one. */
const parseModel = (fields: string): unknown =>
  parseModelServerConfig(`model_config_list { config { ${fields} } }`, 'models.config').modelConfigList!.config[0];

const defaults = { name: '', basePath: '', modelType: 0, modelPlatform: '', versionLabels: new Map() };

describe('parseModelServerConfig', () => {
  it('reads every field of a model', () => {
    const text = `
      # Two models, one with everything.
      model_config_list: {
        config {
          name: "cats", base_path: '/data/c\\141ts';
          model_type: TENSORFLOW
          model_platform: "tensor" "flow"
          logging_config {
            log_collector_config { type: "file" filename_prefix: "/logs/" }
            sampling_config {
              sampling_rate: 0.5 attributes: 3
              per_task_sampling_configs { dc: "x" task_index: 0 sampling_rate: 1 }
              per_task_sampling_configs { sampling_rate: .25 }
            }
          }
          model_version_policy: { specific: { versions: [3, 7] versions: 0x10 } }
          version_labels { key: "stable" value: 3 }
          version_labels: { key: "__proto__", value: 9223372036854775807 }
        }
        config < name: "dogs" >
      }`;
    expect(parseModelServerConfig(text, 'models.config')).toEqual({
      modelConfigList: {
        config: [
          {
            name: 'cats',
            basePath: '/data/cats',
            modelType: 1,
            modelPlatform: 'tensorflow',
            loggingConfig: {
              logCollectorConfig: { type: 'file', filenamePrefix: '/logs/' },
              samplingConfig: {
                samplingRate: 0.5,
                attributes: 3,
                perTaskSamplingConfigs: [
                  { dc: 'x', taskIndex: 0, samplingRate: 1 },
                  { dc: '', samplingRate: 0.25 },
                ],
              },
            },
            modelVersionPolicy: { specific: { versions: [3n, 7n, 16n] } },
            versionLabels: new Map([
              ['stable', 3n],
              ['__proto__', 2n ** 63n - 1n],
            ]),
          },
          { ...defaults, name: 'dogs' },
        ],
      },
    });
  });

  it.each<[string, string, object]>([
    ['the latest versions', 'latest { num_versions: 2 }', { latest: { numVersions: 2 } }],
    ['the latest version, without a number', 'latest {}', { latest: { numVersions: 0 } }],
    ['all versions', 'all: {}', { all: {} }],
    ['specific versions', 'specific { versions: [1,2] }', { specific: { versions: [1n, 2n] } }],
    ['no specific version', 'specific {}', { specific: { versions: [] } }],
    ['no choice', '', {}],
  ])('reads a version policy: %s', (_, text, expected) => {
    expect(parseModel(`model_version_policy { ${text} }`)).toEqual({ ...defaults, modelVersionPolicy: expected });
  });

  it.each([
    ['an empty file', '', {}],
    ['a file with comments only', '# nothing\n', {}],
    ['an empty list', 'model_config_list {}', { modelConfigList: { config: [] } }],
    [
      'models in a list',
      'model_config_list { config: [{ name: "a" }, { }] }',
      { modelConfigList: { config: [{ ...defaults, name: 'a' }, defaults] } },
    ],
  ])('reads %s', (_, text, expected) => {
    expect(parseModelServerConfig(text, 'f')).toEqual(expected);
  });

  it('reads a custom config', () => {
    const text = 'custom_model_config { type_url: "type.googleapis.com/x.Y" value: "\\001" }';
    expect(parseModelServerConfig(text, 'f')).toEqual({
      customModelConfig: { typeUrl: 'type.googleapis.com/x.Y', value: Buffer.from([1]) },
    });
  });

  it.each([
    ['an unknown field', 'model_config_list {\n config { nmae: "x" }\n}', "unknown field 'nmae'"],
    ['a brace left open', 'model_config_list { config {', "expected '}'"],
    ['a string left open', 'model_config_list { config { name: "x } }', 'unterminated string'],
    ['a name given twice', 'model_config_list { config { name: "x" name: "y" } }', 'multiple values'],
    ['two version policies', 'model_config_list { config { model_version_policy { all {} latest {} } } }', 'multiple'],
    ['a number for a string', 'model_config_list { config { name: 7 } }', 'expected string'],
    ['an unknown model type', 'model_config_list { config { model_type: TORCH } }', 'enum value expected'],
    [
      'a version beyond int64',
      'model_config_list { config { version_labels { value: 9223372036854775808 } } }',
      'out of range',
    ],
  ])('refuses %s, naming the file and the reason', (_, text, reason) => {
    const parse = (): unknown => parseModelServerConfig(text, '/etc/models.config');
    expect(parse).toThrow(ServingError);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(parse).toThrow(/^Invalid protobuf file: '\/etc\/models.config' \(/);
    expect(parse).toThrow(reason);
  });

  it.each([
    [
      'a misspelt field',
      'model_config_list { config { base_pth: "/m" } }',
      /^Did you mean "base_path"\? Fields: name, base_path, /,
    ],
    ['a field of another message', 'config { name: "m" }', /Fields: model_config_list, custom_model_config/],
    [
      'JSON',
      '{"model_config_list": []}',
      /^The file must be in protobuf text format, not JSON, such as model_config_list \{/,
    ],
  ])('hints at the fix for %s', (_, text, hint) => {
    expect(() => parseModelServerConfig(text, 'models.config')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(hint) }),
    );
  });
});
