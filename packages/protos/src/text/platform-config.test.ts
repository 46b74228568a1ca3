import { describe, expect, it } from 'vitest';
import { parsePlatformConfigMap } from './platform-config.js';
import { parseSessionConfig } from './session-config.js';

const file = (platform: string, legacyConfig: string): string => `
  platform_configs {
    key: "${platform}"
    value { source_adapter_config {
      [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] {
        legacy_config { ${legacyConfig} }
      }
    } }
  }`;
const session = { intraOpThreads: 0, interOpThreads: 0 };

describe('parsePlatformConfigMap', () => {
  it.each<[string, object]>([
    ['', { savedModelTags: ['serve'], session }],
    ['saved_model_tags: "serve" saved_model_tags: "gpu"', { savedModelTags: ['serve', 'gpu'], session }],
    [
      'enable_model_warmup: true',
      { savedModelTags: ['serve'], session, warmup: { numRequestIterations: 1, numModelWarmupThreads: 1 } },
    ],
    [
      `enable_model_warmup: true
       model_warmup_options { num_request_iterations { value: 3 } num_model_warmup_threads { value: 2 } model_name: "m" }`,
      { savedModelTags: ['serve'], session, warmup: { numRequestIterations: 3, numModelWarmupThreads: 2 } },
    ],
    [
      'batching_parameters { max_batch_size { value: 8 } }',
      { savedModelTags: ['serve'], session, batching: { maxBatchSize: 8, enableLargeBatchSplitting: false } },
    ],
    [
      `session_config { intra_op_parallelism_threads: 1 inter_op_parallelism_threads: 2 gpu_options { allow_growth: true } }
       prefer_tflite_model: true`,
      {
        savedModelTags: ['serve'],
        session: {
          intraOpThreads: 1,
          interOpThreads: 2,
          // intra_op (2), inter_op (5), gpu_options (6) with allow_growth (4)
          configProto: Buffer.from([0x10, 1, 0x28, 2, 0x32, 2, 0x20, 1]),
        },
      },
    ],
  ])('reads %j', (legacyConfig, expected) => {
    const platforms = parsePlatformConfigMap(file('tensorflow', legacyConfig), 'platforms.config');
    expect(platforms).toEqual(new Map([['tensorflow', expected]]));
  });

  it('reads no platforms, and several', () => {
    expect(parsePlatformConfigMap('', 'platforms.config').size).toBe(0);
    expect([...parsePlatformConfigMap(file('a', '') + file('b', ''), 'platforms.config').keys()]).toEqual(['a', 'b']);
  });

  it.each([
    [file('tensorflow', 'tags: "serve"'), 'tags'],
    ['platform_configs { key: "a" value { source_adapter_config { [type.googleapis.com/x.Y] {} } } }', 'x.Y'],
    ['platform_configs { key: "a" }', 'platform a: expected a source_adapter_config of tensorflow.serving.Saved'],
    ['platform_config {}', 'platform_config'],
  ])('refuses %j, naming the file', (text, reason) => {
    expect(() => parsePlatformConfigMap(text, 'platforms.config')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^Invalid protobuf file: 'platforms\.config' \(/),
      }),
    );
    expect(() => parsePlatformConfigMap(text, 'platforms.config')).toThrow(reason);
  });
});

describe('parseSessionConfig', () => {
  it('reads the numbers of threads, and keeps the whole ConfigProto', () => {
    const text = 'intra_op_parallelism_threads: 3 allow_soft_placement: true graph_options { build_cost_model: 1 }';
    const configProto = Buffer.from([0x10, 3, 0x38, 1, 0x52, 2, 0x20, 1]);
    expect(parseSessionConfig(text, 'f')).toEqual({ ...session, intraOpThreads: 3, configProto });
    expect(parseSessionConfig('', 'f')).toEqual(session);
    expect(() => parseSessionConfig('threads: 3', 'f')).toThrow("Invalid protobuf file: 'f' (");
  });
});
