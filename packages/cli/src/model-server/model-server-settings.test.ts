import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogCollectorRegistry } from '@serving/core/extend';
import { parseFlags } from '@serving/engine/command';
import { afterAll, describe, expect, it } from 'vitest';
import { type ModelServerFlags, modelServerFlags } from './model-server-flags.js';
import { readModelServerSettings } from './model-server-settings.js';

const folder = mkdtempSync(join(tmpdir(), 'serving-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const warnings: string[] = [];

async function read(...argv: string[]) {
  const { values, unknown, invalid } = parseFlags<ModelServerFlags>(modelServerFlags, argv);
  expect([...unknown, ...invalid]).toEqual([]);
  return readModelServerSettings(values, (line) => warnings.push(line));
}

const ONE_MODEL = ['--rest_api_port=8501', '--model_base_path=/models/m'];

/** As threads are given it. */
const builtModule = (path: string, options: object) => ({ module: expect.stringContaining(path), options });

describe('readModelServerSettings', () => {
  it('has TensorFlow Serving’s defaults, but listens on loopback', async () => {
    expect(await read(...ONE_MODEL)).toEqual({
      engine: 'auto',
      isolation: 'none',
      runMode: 'auto',
      server: {
        models: [{ name: 'default', basePath: '/models/m', platform: 'tensorflow' }],
        pollIntervalMs: 1000,
        maxNumLoadRetries: 5,
        loadRetryIntervalMs: 60_000,
        numLoadThreads: 1,
        numUnloadThreads: 1,
        allowVersionLabelsForUnavailableModels: false,
        enforceSignatureShapes: false,
        logCollectors: expect.any(LogCollectorRegistry),
        task: {},
      },
      platform: {
        tags: ['serve'],
        intraOpThreads: 0,
        interOpThreads: 0,
        enableSignatureMethodNameCheck: false,
        padEmptyRequests: 'where-needed',
        warmup: { numRequestIterations: 1 },
      },
      runtime: {},
      grpc: {
        port: 8500,
        host: '127.0.0.1',
        allowReload: true,
        health: true,
        tensorContent: false,
        maxFilledBytes: 64 * 1024 ** 2,
        maxInflatedBytes: 64 * 1024 ** 2,
        maxConnections: 10_000,
        maxConcurrentStreams: 1000,
        handshakeTimeoutMs: 20_000,
        keepaliveTimeMs: 30_000,
        keepaliveTimeoutMs: 20_000,
        maxConnectionIdleMs: 300_000,
        threads: 'auto',
        extensions: [builtModule('open-inference', { modelControl: false })],
      },
      rest: {
        port: 8501,
        host: '127.0.0.1',
        timeoutMs: 30_000,
        maxBodyBytes: 67_108_864,
        maxResponseBytes: 268_435_456,
        enableCorsSupport: false,
        keepAliveTimeoutMs: 75_000,
        requestStallTimeoutMs: 30_000,
        responseStallTimeoutMs: 30_000,
        maxConnections: 10_000,
        maxUnsentBytes: 512 * 1024 ** 2,
        threads: 'auto',
        formats: [builtModule('protos/dist/messages.js', { maxFilledBytes: 64 * 1024 ** 2 })],
        listModels: false,
        extensions: [builtModule('open-inference/dist/extension.js', { modelControl: false })],
      },
      shutdown: { drainDelayMs: 1000, graceMs: 25_000 },
    });
  });

  it('takes limits of connections and of the shutdown, and false for none', async () => {
    const limits = ['keep_alive_timeout_ms', 'request_stall_timeout_ms', 'response_stall_timeout_ms'];
    const names = [...limits, 'max_connections', 'max_unsent_bytes'].map((name) => `--rest_api_${name}`);
    const read1 = await read(...ONE_MODEL, ...names.map((name, i) => `${name}=${i + 1}`), '--shutdown_grace_seconds=7');
    expect(read1.rest).toMatchObject({
      keepAliveTimeoutMs: 1,
      requestStallTimeoutMs: 2,
      responseStallTimeoutMs: 3,
      maxConnections: 4,
      maxUnsentBytes: 5,
    });
    expect(read1.shutdown).toEqual({ drainDelayMs: 1000, graceMs: 7000 });
    const none = [...names, '--drain_delay_ms', '--shutdown_grace_seconds'].map((name) => `${name}=false`);
    const read2 = await read(...ONE_MODEL, ...none);
    expect(read2.rest).toMatchObject({
      keepAliveTimeoutMs: false,
      requestStallTimeoutMs: false,
      responseStallTimeoutMs: false,
      maxConnections: false,
      maxUnsentBytes: false,
    });
    expect(read2.shutdown).toEqual({ drainDelayMs: false, graceMs: false });
  });

  it('serves a model without version folders with --unversioned_base_path alone', async () => {
    const { server } = await read(...ONE_MODEL, '--unversioned_base_path');
    expect(server.models).toMatchObject([{ unversionedBasePath: true }]);
    await expect(read('--port=1', '--model_config_file=/x', '--unversioned_base_path')).rejects.toThrow(
      '--unversioned_base_path is about the model at --model_base_path',
    );
  });

  it('takes the last of a flag that is given twice', async () => {
    const { server } = await read(...ONE_MODEL, '--model_platform=tensorflow', '--model_platform=onnx');
    expect(server.models).toMatchObject([{ platform: 'onnx' }]);
  });

  it('takes every flag that has an effect', async () => {
    const settings = await read(
      ...ONE_MODEL,
      '--model_name=模型',
      '--rest_api_host=::',
      '--rest_api_timeout_in_ms=0',
      '--rest_api_max_body_bytes=1000000',
      '--rest_api_max_response_bytes=2000000',
      '--rest_api_enable_cors_support',
      '--file_system_poll_wait_seconds=-1',
      '--max_num_load_retries=0',
      '--load_retry_interval_micros=-1',
      '--num_load_threads=2',
      '--num_unload_threads=3',
      '--allow_version_labels_for_unavailable_models',
      '--saved_model_tags=serve,gpu',
      '--tensorflow_intra_op_parallelism=1',
      '--tensorflow_inter_op_parallelism=2',
      '--enable_signature_method_name_check',
      '--enforce_signature_shapes',
      '--enable_model_warmup=false',
      '--port=9000',
      '--grpc_host=::',
      '--grpc_socket_path=/run/serving.sock',
      '--grpc_channel_arguments=grpc.max_concurrent_streams=100,grpc.lb_policy_name=x=y',
      '--grpc_max_inflated_bytes=1000',
      '--grpc_max_connections=7',
      '--grpc_max_concurrent_streams=false',
      '--grpc_handshake_timeout_ms=3000',
      '--grpc_keepalive_time_ms=false',
      '--grpc_keepalive_timeout_ms=4000',
      '--grpc_max_connection_idle_ms=0',
      '--enable_grpc_healthcheck_service=false',
      '--enable_serialization_as_tensor_content',
      '--enable_grpc_reload_config=false',
      '--max_filled_bytes=-1',
      '--allow_model_control',
      '--enable_batching',
    );
    expect(settings).toMatchObject({
      server: {
        models: [{ name: '模型' }],
        pollIntervalMs: false,
        maxNumLoadRetries: 0,
        loadRetryIntervalMs: 0,
        numLoadThreads: 2,
        numUnloadThreads: 3,
        allowVersionLabelsForUnavailableModels: true,
        enforceSignatureShapes: true,
        batching: { threadPoolName: 'model_server_batch_threads', enableLargeBatchSplitting: false },
      },
      platform: {
        tags: ['serve', 'gpu'],
        intraOpThreads: 1,
        interOpThreads: 2,
        enableSignatureMethodNameCheck: true,
        warmup: false,
      },
      grpc: {
        port: 9000,
        host: '::',
        socketPath: '/run/serving.sock',
        channelOptions: { 'grpc.max_concurrent_streams': 100, 'grpc.lb_policy_name': 'x=y' },
        allowReload: false,
        health: false,
        tensorContent: true,
        maxFilledBytes: 0,
        extensions: [builtModule('open-inference', { modelControl: true })],
        maxInflatedBytes: 1000,
        maxConnections: 7,
        maxConcurrentStreams: false,
        handshakeTimeoutMs: 3000,
        keepaliveTimeMs: false,
        keepaliveTimeoutMs: 4000,
        maxConnectionIdleMs: false,
      },
      runtime: { interOpThreadPool: 'shared' },
      rest: {
        host: '::',
        timeoutMs: false,
        maxBodyBytes: 1_000_000,
        maxResponseBytes: 2_000_000,
        enableCorsSupport: true,
      },
    });
  });

  it('prefers the model config file', async () => {
    const config = file(
      'models.config',
      `model_config_list { config { name: "cats" base_path: "/data/cats" model_platform: "tensorflow"
         model_version_policy { specific { versions: 3 versions: 7 } } version_labels { key: "stable" value: 3 } } }`,
    );
    const { server } = await read(...ONE_MODEL, `--model_config_file=${config}`);
    expect(server.models).toEqual([
      {
        name: 'cats',
        basePath: '/data/cats',
        platform: 'tensorflow',
        versionPolicy: { specific: { versions: [3, 7] } },
        versionLabels: { stable: 3 },
      },
    ]);
    expect((await read(...ONE_MODEL, `--model_config_file=${file('empty', '')}`)).server.models).toEqual([]);
  });

  it.each([
    ['prometheus_config { enable: true path: "/metrics" }', '/metrics'],
    ['prometheus_config { enable: true }', '/monitoring/prometheus/metrics'],
    ['prometheus_config { enable: false path: "/metrics" }', undefined],
    ['', undefined],
  ])('of the monitoring config %j has the metrics page at %s', async (text, path) => {
    const { rest } = await read(...ONE_MODEL, `--monitoring_config_file=${file('monitoring.config', text)}`);
    expect(rest?.prometheusPath).toBe(path);
  });

  it('takes numbers of threads from a session config file where no flag has them', async () => {
    const text = 'intra_op_parallelism_threads: 3 inter_op_parallelism_threads: 5 allow_soft_placement: true';
    const path = file('session.config', text);
    const { platform, runtime } = await read(
      ...ONE_MODEL,
      `--tensorflow_session_config_file=${path}`,
      '--tensorflow_intra_op_parallelism=2',
    );
    // The whole ConfigProto goes on to TensorFlow: fields 2, 5 and 7.
    const configProto = Buffer.from([0x10, 3, 0x28, 5, 0x38, 1]);
    expect(platform).toMatchObject({ intraOpThreads: 2, interOpThreads: 5, configProto });
    expect(runtime).toEqual({ interOpThreadPool: 'shared' });
  });

  it('passes libraries of operations on to the runtime', async () => {
    const { runtime } = await read(...ONE_MODEL, '--custom_op_library=/a.so', '--custom_op_library=/b.so');
    expect(runtime).toEqual({ customOpLibraries: ['/a.so', '/b.so'] });
  });

  it('lets a platform config file take the place of the flags for batching, tags, warm-up and threads', async () => {
    const path = file(
      'platforms.config',
      `platform_configs { key: "tensorflow" value { source_adapter_config {
         [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config {
           saved_model_tags: "gpu" session_config { intra_op_parallelism_threads: 3 }
           batching_parameters { max_batch_size { value: 8 } } } } } } }`,
    );
    const { server, platform, runtime } = await read(
      ...ONE_MODEL,
      `--platform_config_file=${path}`,
      '--saved_model_tags=serve',
      '--batching_parameters_file=/nowhere/x',
      '--tensorflow_inter_op_parallelism=2',
      '--enable_signature_method_name_check',
    );
    expect(server.batching).toEqual({ maxBatchSize: 8, enableLargeBatchSplitting: false });
    expect(platform).toEqual({
      tags: ['gpu'],
      intraOpThreads: 3,
      interOpThreads: 0,
      configProto: Buffer.from([0x10, 3]),
      enableSignatureMethodNameCheck: true,
      padEmptyRequests: 'where-needed',
      warmup: false,
    });
    expect(runtime).toEqual({});
  });

  it('gives both pools the session parallelism, unless one has its own', async () => {
    const both = await read(...ONE_MODEL, '--tensorflow_session_parallelism=4', '--tensorflow_intra_op_parallelism=2');
    expect(both.platform).toMatchObject({ intraOpThreads: 2, interOpThreads: 4 });
  });

  it.each([
    [['--model_base_path=/m', '--port=0'], 'INVALID_ARGUMENT', /there is nothing to listen on$/],
    [[...ONE_MODEL, '--use_alts_credentials'], 'INVALID_ARGUMENT', /ALTS is not supported$/],
    [[...ONE_MODEL, '--use_alts_credentials', '--ssl_config_file=x'], 'INVALID_ARGUMENT', /^Only one of/],
    [
      [...ONE_MODEL, '--batching_parameters_file=x'],
      'INVALID_ARGUMENT',
      /without setting server_options\.enable_batching/,
    ],
    [[...ONE_MODEL, '--grpc_channel_arguments=x'], 'INVALID_ARGUMENT', /expected key=value, got x$/],
    [['--model_base_path=/m', '--rest_api_port=8500'], 'INVALID_ARGUMENT', /must differ from --port/],
    [['--rest_api_port=8501'], 'INVALID_ARGUMENT', /^Both server_options\.model_base_path and/],
    [
      [
        ...ONE_MODEL,
        '--tensorflow_session_parallelism=1',
        '--tensorflow_intra_op_parallelism=1',
        '--tensorflow_inter_op_parallelism=1',
      ],
      'INVALID_ARGUMENT',
      /exclude each other/,
    ],
    [[...ONE_MODEL, '--platform_config_file=/nowhere/x'], 'NOT_FOUND', /^\/nowhere\/x; No such file/],
    [
      [...ONE_MODEL, `--platform_config_file=${file('no-platforms.config', '')}`],
      'INVALID_ARGUMENT',
      /has no platform_configs entry for the platform tensorflow$/,
    ],
    [['--rest_api_port=8501', '--model_config_file=/nowhere/x'], 'NOT_FOUND', /^\/nowhere\/x; No such file/],
  ])('refuses %j', async (argv, code, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses a config file that does not parse', async () => {
    const path = file('bad.config', 'model_config_list { what: 1 }');
    await expect(read(...ONE_MODEL, `--model_config_file=${path}`)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`Invalid protobuf file: '${path}'`),
    });
  });

  it('reads batching parameters', async () => {
    const path = file('batching.config', 'max_batch_size { value: 32 } batch_timeout_micros { value: 500 }');
    const { server } = await read(...ONE_MODEL, '--enable_batching', `--batching_parameters_file=${path}`);
    expect(server.batching).toEqual({ maxBatchSize: 32, batchTimeoutMs: 0.5, enableLargeBatchSplitting: false });
  });

  it('reads TLS texts, for each API its own', async () => {
    const ssl = file('ssl.config', 'server_key: "KEY" server_cert: "CERT" custom_ca: "CA" client_verify: true');
    const { grpc } = await read(...ONE_MODEL, `--ssl_config_file=${ssl}`);
    expect(grpc?.ssl).toEqual({ serverKey: 'KEY', serverCert: 'CERT', customCa: 'CA', clientVerify: true });
    const { rest } = await read(...ONE_MODEL, `--rest_api_ssl_config_file=${ssl}`);
    expect(rest?.tls).toEqual({ key: 'KEY', cert: 'CERT', ca: 'CA', requireClientCert: true });
  });

  it('serves each API alone', async () => {
    expect(await read('--model_base_path=/m')).not.toHaveProperty('rest');
    expect(await read(...ONE_MODEL, '--port=0')).not.toHaveProperty('grpc');
    const { grpc } = await read('--model_base_path=/m', '--port=0', '--grpc_socket_path=/s');
    expect(grpc).toMatchObject({ socketPath: '/s', health: true, tensorContent: false });
  });

  it('reads a config file with colons and commas', async () => {
    const path = file(
      'commas.config',
      'model_config_list: { config: [{ name: "a", base_path: "/a", model_platform: "tensorflow" }, ' +
        "{ name: 'b', base_path: '/b', model_platform: 'tensorflow', model_version_policy: { all: {} } }] };",
    );
    const { server } = await read(...ONE_MODEL, `--model_config_file=${path}`);
    expect(server.models?.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('polls the config file, and reads it when it has changed', async () => {
    const config = (name: string): string =>
      `model_config_list { config { name: "${name}" base_path: "/m" model_platform: "tensorflow" } }`;
    const path = file('polled.config', config('a'));
    const flags = [`--model_config_file=${path}`, '--model_config_file_poll_wait_seconds=3'];
    const { server } = await read(...ONE_MODEL, ...flags);
    expect(server.models).toBeUndefined();
    const { read: readAgain, pollIntervalMs } = server.configSource!;
    expect(pollIntervalMs).toBe(3000);
    expect((await readAgain())?.models).toMatchObject([{ name: 'a' }]);
    expect(await readAgain()).toBeUndefined();
    writeFileSync(path, config('b'));
    expect((await readAgain())?.models).toMatchObject([{ name: 'b' }]);
    rmSync(path);
    await expect(readAgain()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives models the options of a file, those of "*" and their own', async () => {
    const options = file('options.json', '{"*": {"intraOpThreads": 1, "tags": ["serve"]}, "a": {"intraOpThreads": 2}}');
    const config = file(
      'two.config',
      'model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" }' +
        ' config { name: "b" base_path: "/b" model_platform: "tensorflow" } }',
    );
    const flags = [`--model_config_file=${config}`, `--model_options_file=${options}`];
    const expected = [
      { name: 'a', options: { intraOpThreads: 2, tags: ['serve'] } },
      { name: 'b', options: { intraOpThreads: 1, tags: ['serve'] } },
    ];
    const { server, grpc } = await read(...ONE_MODEL, ...flags);
    expect(server.models).toMatchObject(expected);
    expect(await grpc?.completeReload?.({ models: [{ name: 'b', basePath: '/b' }] })).toEqual({
      models: [{ name: 'b', basePath: '/b', options: { intraOpThreads: 1, tags: ['serve'] } }],
    });
    const single = await read('--model_base_path=/m', '--model_name=a', `--model_options_file=${options}`);
    expect(single.server.models).toMatchObject([expected[0]]);

    const polled = (await read(...ONE_MODEL, ...flags, '--model_config_file_poll_wait_seconds=3')).server.configSource!;
    expect((await polled.read())?.models).toMatchObject(expected);
    expect(await polled.read()).toBeUndefined();
    writeFileSync(options, '{"b": {"warmup": false}}');
    const models = (await polled.read())?.models;
    expect(models).toMatchObject([{ name: 'a' }, { name: 'b', options: { warmup: false } }]);
    expect(models?.[0]).not.toHaveProperty('options');
  });

  it.each([
    ['{', /options\.json: .*JSON/],
    ['[]', /options\.json: expected an object, such as/],
    ['{"a": 1}', /options\.json: "a": expected an object, such as/],
    [
      '{"*": {"intraOpThread": 1}}',
      /options\.json: "\*": Unknown option "intraOpThread" of a SavedModel: did you mean "intraOpThreads"\?/,
    ],
    ['{"default": {"tags": 1}}', /options\.json: "default": Option "tags" of a SavedModel must be a list of strings/],
  ])('refuses the options file %j', async (text, message) => {
    const path = file('options.json', text);
    await expect(read('--model_base_path=/m', `--model_options_file=${path}`)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  it('warns of options for models that are not configured', async () => {
    const options = file('others.json', '{"*": {}, "digit": {}, "other": {}, "digits": {}}');
    warnings.length = 0;
    const { grpc } = await read(...ONE_MODEL, '--model_name=digits', `--model_options_file=${options}`);
    expect(warnings).toEqual([
      `${options}: model "digit" is not configured, did you mean "digits"? (models: "digits")`,
      `${options}: model "other" is not configured (models: "digits")`,
    ]);
    await grpc?.completeReload?.({ models: [] });
    expect(warnings.at(-1)).toBe(`${options}: model "digits" is not configured (models: none)`);
  });

  it.each(['--port=-1', '--port=65536', '--rest_api_port=99999', '--rest_api_port=-8501'])(
    'refuses %s before anything is loaded',
    async (argument) => {
      const [flag, value] = argument.slice(2).split('=');
      await expect(read('--model_base_path=/m', argument)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `--${flag} must be a port, an integer between 0 and 65535, got ${value}`,
      });
    },
  );

  it('mounts the console where it is asked for, and lists the models then', async () => {
    const { rest, consolePath } = await read(...ONE_MODEL, '--console_path=/look', '--console_actions', '--port=8600');
    expect(rest?.extensions?.[1]?.options).toEqual({
      path: '/look',
      actions: true,
      redirectRoot: true,
      grpcAddress: '127.0.0.1:8600',
    });
    expect([rest?.listModels, consolePath]).toEqual([true, '/look']);
    expect((await read(...ONE_MODEL, '--rest_api_list_models')).rest).toMatchObject({
      listModels: true,
      extensions: [builtModule('open-inference/dist/extension.js', { modelControl: false })],
    });
    await expect(read(...ONE_MODEL, '--console_path=console')).rejects.toMatchObject({
      message: '--console_path must begin with "/", such as "/console", got "console"',
    });
    await expect(read(...ONE_MODEL, '--console_actions')).rejects.toMatchObject({
      message: '--console_actions needs --console_path, such as --console_path=/console',
    });
  });

  it('refuses paths that no request has', async () => {
    await expect(read(...ONE_MODEL, '--rest_api_health_path=health')).rejects.toMatchObject({
      message: '--rest_api_health_path must begin with "/", such as "/health", got "health"',
    });
    const monitoring = file('monitoring.config', 'prometheus_config { enable: true path: "metrics" }');
    await expect(read(...ONE_MODEL, `--monitoring_config_file=${monitoring}`)).rejects.toMatchObject({
      message: `${monitoring}: prometheus_config.path must begin with "/", such as "/metrics", got "metrics"`,
    });
  });

  it.each(['', ' \n\t\n', '# nothing\n  # yet'])(
    'refuses the config file %j once models run, and starts with it',
    async (blank) => {
      const path = file('blank.config', blank);
      const flags = [`--model_config_file=${path}`, '--model_config_file_poll_wait_seconds=3'];
      const { server } = await read(...ONE_MODEL, ...flags);
      const readAgain = (text: string) => {
        writeFileSync(path, text);
        return server.configSource!.read();
      };
      const config = 'model_config_list { config { name: "a" base_path: "/m" model_platform: "tensorflow" } }';
      expect(await readAgain(blank)).toEqual({ models: [] });
      expect((await readAgain(config))?.models).toHaveLength(1);
      await expect(readAgain(blank)).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: `${path} is empty or has comments only; expected a model_config_list (model_config_list {} unloads every model)`,
      });
      expect(await readAgain(config)).toBeUndefined();
      expect(await readAgain('model_config_list {}')).toEqual({ models: [] });
    },
  );

  it('hands on how requests are to be logged, and which task this is', async () => {
    const path = file(
      'logging.config',
      'model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" logging_config {' +
        ' log_collector_config { type: "tfrecord" filename_prefix: "/logs/a" } sampling_config { sampling_rate: 0.1 } } } }',
    );
    const flags = [`--model_config_file=${path}`, '--request_log_dc=eu', '--request_log_task_index=0'];
    const { server } = await read(...ONE_MODEL, ...flags);
    expect(server.models).toMatchObject([
      {
        loggingConfig: {
          logCollectorConfig: { type: 'tfrecord', filenamePrefix: '/logs/a' },
          samplingConfig: { samplingRate: 0.1 },
        },
      },
    ]);
    expect(server.task).toEqual({ dc: 'eu', taskIndex: 0 });
    expect((await read(...ONE_MODEL)).server.task).toEqual({});
  });
});
