import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChannelCredentials } from '@grpc/grpc-js';
import { createTensor } from '@serving/core/tensor';
import { writeWarmupRecords } from '@serving/savedmodel';
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const BIN = fileURLToPath(new URL('../../bin/tensorflow_model_server.js', import.meta.url));
const fixtures = fileURLToPath(new URL('../../../savedmodel/fixtures/', import.meta.url));
const certificates = fileURLToPath(new URL('../../../grpc/fixtures/tls/', import.meta.url));
const LONG = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(...argv: string[]) {
  const output = recordingOutput();
  const code = await startTensorFlowModelServer(argv, output);
  return { code, out: output.out(), err: output.err() };
}

/** A line of the log without its time. */
const withoutTime = (line: string): string => line.replace(/^\d{4}-\S+Z /, '');

describe.runIf(process.platform === 'linux')('the command', () => {
  it('starts where the process may open 200 files', async () => {
    const child = spawn('sh', ['-c', 'ulimit -n 200; exec "$@"', 'sh', process.execPath, BIN, '--help'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const [code] = await once(child, 'close');
    expect([code, out]).toEqual([0, expect.stringMatching(/^usage: tensorflow_model_server/)]);
  });
});

describe('startTensorFlowModelServer', () => {
  it('prints usage and versions', async () => {
    const help = await start('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/^usage: tensorflow_model_server \[flags\]\n/);
    expect(help.out).toMatch(/\n {2}--rest_api_host=127\.0\.0\.1 +Address of the REST API/);
    expect(help.out).toMatch(/--grpc_host=127\.0\.0\.1 [^-]*\(added here\)/);
    expect(help.out).toMatch(/\n\nWithout effect:\n(?: .*\n)*? {2}--enable_profiler=true [^-]*\(without effect here\)/);
    expect(help.out.split('\n').filter((line) => line.length > 100)).toEqual([]);
    const version = await start('--version');
    expect(version.out).toMatch(/^TensorFlow ModelServer: \d+\.\d+\.\d+ .*\nTensorFlow Library: /);
  });

  it('ends with 255 for a value that does not parse', async () => {
    const { code, err } = await start('--rest_api_port=eighty', '--help');
    expect(code).toBe(255);
    expect(err).toMatch(/^invalid value: --rest_api_port=eighty\n`tensorflow_model_server --help` lists the flags/);
  });

  it('names unknown arguments and goes on', async () => {
    const { code, err } = await start('--what=1', 'x', '--rest_api_port=1');
    expect(err).toMatch(/^unknown argument: --what=1\nunknown argument: x\n`tensorflow_model_server --help` lists/);
    const misspelt = await start('--model_base_pat=/m');
    expect(misspelt.err).toMatch(
      /^unknown argument: --model_base_pat=\/m \(did you mean --model_base_path\?\)\n`tensorflow/,
    );
    const foreign = await start('--grpc_port=1', '--model=/m');
    expect(foreign.err.split('\n', 2)).toEqual([
      "unknown argument: --grpc_port=1 (did you mean --port? --grpc_port is serving serve's)",
      "unknown argument: --model=/m (did you mean --model_name=NAME --model_base_path=PATH? --model is another server's)",
    ]);
    expect(err).toMatch(
      /Z error Failed to start server\. Error: INVALID_ARGUMENT: Both server_options\.model_base_path.*\(Name a model, such as --model_name=digits /,
    );
    expect(code).toBe(255);
  });

  it('tells where a config file does not parse, in the line that TensorFlow Serving logs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'models.config');
    writeFileSync(file, 'model_config_list {\n  config { nmae: "x" }\n}\n');
    const { code, err } = await start('--rest_api_port=1', `--model_config_file=${file}`);
    expect(code).toBe(255);
    const reason = 'Message type "tensorflow.serving.ModelConfig" has no field named "nmae".';
    const [line, failed] = err.split('\n').map(withoutTime);
    expect(line).toBe(`error Error parsing text-format tensorflow.serving.ModelServerConfig: 2:12: ${reason}`);
    expect(failed).toContain(`Failed to start server. Error: INVALID_ARGUMENT: Invalid protobuf file: '${file}'`);
  });

  it('fails to start without the files that it is given', async () => {
    const { code, err } = await start('--rest_api_port=1', '--model_config_file=/nowhere/models.config');
    expect(code).toBe(255);
    expect(withoutTime(err)).toBe(
      'error Failed to start server. Error: NOT_FOUND: /nowhere/models.config; No such file or directory\n',
    );
  });

  it('keeps an error that repeats text from outside on one line', async () => {
    const { err } = await start('--rest_api_port=1', '--model_config_file=/nowhere\nforged');
    expect(withoutTime(err)).toBe(
      'error Failed to start server. Error: NOT_FOUND: /nowhere\\nforged; No such file or directory\n',
    );
  });
});

describe('tensorflow_model_server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-cli-'));
  const children = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts the server and waits until it says where it listens. */
  async function serve(...argv: string[]) {
    const child = spawn(process.execPath, [BIN, '--port=0', ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.add(child);
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    let log = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk;
        const listening = /REST API at (\S+)\/v1\/models/.exec(log)?.[1];
        if (listening) resolve(listening);
      });
      child.once('exit', (code) => reject(new Error(`exit ${code}: ${log}`)));
    });
    return { child, exited, url, log: () => log };
  }

  const post = (url: string, body: unknown): Promise<Response> =>
    fetch(url, { method: 'POST', body: JSON.stringify(body) });

  it('serves what a config file names, and leaves with 0 on SIGTERM', { timeout: LONG }, async () => {
    const config = join(folder, 'models.config');
    writeFileSync(
      config,
      `model_config_list {
         config { name: "half 模型" base_path: "${fixtures}half_plus_two" model_platform: "tensorflow"
           model_version_policy { all {} } version_labels { key: "stable" value: 123 } }
         config { name: "missing" base_path: "${folder}/nothing" model_platform: "tensorflow" } }`,
    );
    const monitoring = join(folder, 'monitoring.config');
    writeFileSync(monitoring, 'prometheus_config { enable: true path: "/metrics" }');
    const port = await freePort();
    const { child, exited, url, log } = await serve(
      `--rest_api_port=${port}`,
      `--model_config_file=${config}`,
      `--monitoring_config_file=${monitoring}`,
      '--rest_api_health_path=/health',
      '--enable_batching',
      '--num_tflite_pools=3',
    );
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(log()).toContain('without effect here: --num_tflite_pools\n');
    expect(log()).toMatch(/Z info model loaded name="half 模型" version=124 engine=tensorflow ms=\d+\n/);
    expect(log()).toMatch(/Z error Could not find base path \S+\/nothing .* name=missing code=NOT_FOUND\n/);
    await vi.waitFor(() => expect(log()).toContain('info listening'), LONG);
    expect(log()).toMatch(
      /Z info listening rest=\S+ models="half 模型\/124,half 模型\/123" unavailable=missing engines=tensorflow ms=\d+\n/,
    );

    const model = `${url}/v1/models/${encodeURIComponent('half 模型')}`;
    const predicted = await post(`${model}/labels/stable:predict`, { instances: [1, 2, 5] });
    expect(await predicted.text()).toBe('{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}');
    const status = await (await fetch(model)).json();
    expect(status).toMatchObject({
      model_version_status: [{ version: '124' }, { version: '123', state: 'AVAILABLE' }],
    });
    expect((await fetch(`${model}/metadata`)).status).toBe(200);
    expect((await fetch(`${url}/v1/models/missing`)).status).toBe(404);
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toContain(':tensorflow:serving:request_count{model_name="half 模型",status="OK"} 3\n');
    expect(page).toContain(`{model_path="${fixtures}half_plus_two/123",status="success"} 1\n`);
    expect(page).toContain(':tensorflow:serving:batching_session:wrapped_run_count{} 1\n');
    expect((await fetch(`${url}/health/ready/${encodeURIComponent('half 模型')}`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);

    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(log()).toContain('model unloaded name="half 模型" version=123\n');
  });

  const shaped = ['--model_name=shapes', `--model_base_path=${fixtures}shapes`];
  const errorOf = async (response: Response): Promise<unknown> => ((await response.json()) as { error: unknown }).error;

  it('leaves shapes to the kernels, but for those that would end the process', { timeout: LONG }, async () => {
    const { url } = await serve(`--rest_api_port=${await freePort()}`, ...shaped);
    const model = `${url}/v1/models/shapes:predict`;
    const answered = await post(model, { signature_name: 'normalize', inputs: [1] });
    expect([answered.status, ((await answered.json()) as { outputs: unknown[] }).outputs]).toEqual([
      200,
      expect.objectContaining({ length: 8 }),
    ]);
    const refused = await post(model, { inputs: [1] });
    expect([refused.status, await errorOf(refused)]).toEqual([
      400,
      'Input "x" of model "shapes" has shape [1]; signature "serving_default" expects [?,?,?,?].',
    ]);
  });

  it('holds inputs to the declared shapes by --enforce_signature_shapes', { timeout: LONG }, async () => {
    const { url } = await serve(`--rest_api_port=${await freePort()}`, ...shaped, '--enforce_signature_shapes');
    const refused = await post(`${url}/v1/models/shapes:predict`, { signature_name: 'normalize', inputs: [1] });
    expect([refused.status, await errorOf(refused)]).toEqual([
      400,
      'Input "x" of model "shapes" has shape [1]; signature "normalize" expects [?,5,8].',
    ]);
  });

  /** A request that has reached the server, which waits for its body. */
  async function sendHead(target: string) {
    const headers = { expect: '100-continue', 'transfer-encoding': 'chunked' };
    const sent = request(target, { method: 'POST', headers });
    const answered = once(sent, 'response').then(async ([response]) => {
      const chunks = await (response as IncomingMessage).toArray();
      return { status: (response as IncomingMessage).statusCode, body: Buffer.concat(chunks).toString() };
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    return { answered, sendBody: (body: unknown) => sent.end(JSON.stringify(body)) };
  }

  const slow = ['--model_name=slow', `--model_base_path=${fixtures}slow`];

  it('answers requests in flight before it exits', { timeout: LONG }, async () => {
    const { child, exited, url, log } = await serve(`--rest_api_port=${await freePort()}`, ...slow);
    const { answered, sendBody } = await sendHead(`${url}/v1/models/slow:predict`);
    child.kill('SIGTERM');
    await expect.poll(log).toContain('SIGTERM');
    const late = await fetch(`${url}/v1/models/slow`);
    expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
    while (await fetch(`${url}/v1/models/slow`).catch(() => undefined));
    sendBody({ inputs: { iterations: 20, x: 1 } });
    expect(await answered).toEqual({ status: 200, body: expect.stringContaining('21.0') });
    expect(await exited).toEqual([0, null]);
  });

  it('leaves although a connection stays silent', { timeout: LONG }, async () => {
    const { child, exited, url } = await serve(`--rest_api_port=${await freePort()}`, ...slow);
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    await once(silent, 'connect');
    await fetch(`${url}/v1/models/slow`);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    silent.destroy();
  });

  it('ends by the signal when the grace is over before a run is', { timeout: LONG }, async () => {
    const grace = ['--drain_delay_ms=false', '--shutdown_grace_seconds=1'];
    const { child, exited, url, log } = await serve(`--rest_api_port=${await freePort()}`, ...slow, ...grace);
    const { answered, sendBody } = await sendHead(`${url}/v1/models/slow:predict`);
    const failed = expect(answered).rejects.toThrow();
    sendBody({ inputs: { iterations: 100_000, x: 1 } });
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(log()).toContain('--shutdown_grace_seconds have passed');
    await failed;
  });

  it('leaves at once on a second signal', { timeout: LONG }, async () => {
    const { child, exited, url, log } = await serve(`--rest_api_port=${await freePort()}`, ...slow);
    const { answered, sendBody } = await sendHead(`${url}/v1/models/slow:predict`);
    const failed = expect(answered).rejects.toThrow();
    sendBody({ inputs: { iterations: 100_000, x: 1 } });
    child.kill('SIGINT');
    await expect.poll(log).toContain('SIGINT');
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    await failed;
  });

  it('serves gRPC on a port and a socket, batched, after a warm-up', { timeout: LONG }, async () => {
    const basePath = join(folder, '模型名称');
    cpSync(`${fixtures}half_plus_two`, basePath, { recursive: true });
    const requests = join(folder, 'requests.json');
    writeFileSync(requests, '[{ "inputs": { "x": [1] } }]');
    await writeWarmupRecords(join(basePath, '124'), readFileSync(requests, 'utf8'), requests);
    const [port, restPort] = [await freePort(), await freePort()];
    const socket = join(folder, 'grpc.sock');
    const flags = [
      `--port=${port}`,
      `--grpc_socket_path=${socket}`,
      `--rest_api_port=${restPort}`,
      '--enable_batching',
    ];
    const { child, exited, url, log } = await serve(...flags, '--model_name=模型名称', `--model_base_path=${basePath}`);
    const records = join(basePath, '124', 'assets.extra', 'tf_serving_warmup_requests');
    expect(log()).toContain(`Z info model warmed up name=模型名称 version=124 requests=1 file=${records} ms=`);
    expect(log()).toMatch(
      /model loaded name=模型名称 version=124 engine=tensorflow ms=\d+\n.*gRPC API at 127\.0\.0\.1:\d+( from \d+ threads)?, for this machine only/,
    );
    const answered = await post(`${url}/v1/models/${encodeURIComponent('模型名称')}:predict`, { instances: [2] });
    expect(await answered.json()).toEqual({ predictions: [4] });
    for (const address of [`127.0.0.1:${port}`, `unix:${socket}`]) {
      const client = new GrpcClient(address);
      const inputs = { x: createTensor('float', [2], Float32Array.of(1, 2)) };
      const { outputs } = await client.predict({ modelSpec: { name: '模型名称' }, inputs });
      expect(outputs.y?.data).toEqual(Float32Array.of(3.5, 4));
      client.close();
    }
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  // Linux alone lists the threads of a process as files.
  it.runIf(process.platform === 'linux')(
    'gives TensorFlow the threads that flags and the session config file ask for',
    { timeout: LONG },
    async () => {
      const config = join(folder, 'session.config');
      writeFileSync(config, 'inter_op_parallelism_threads: 2 allow_soft_placement: true');
      const threads = async (intraOp: number): Promise<number> => {
        const { child, exited, log } = await serve(
          `--rest_api_port=${await freePort()}`,
          '--model_name=half_plus_two',
          `--model_base_path=${fixtures}half_plus_two`,
          `--tensorflow_intra_op_parallelism=${intraOp}`,
          `--tensorflow_session_config_file=${config}`,
        );
        const count = readdirSync(`/proc/${child.pid}/task`).length;
        child.kill('SIGTERM');
        await exited;
        expect(log()).not.toContain('Warning');
        return count;
      };
      const few = await threads(2);
      expect((await threads(9)) - few).toBe(7);
    },
  );

  it('loads no version whose warm-up fails, unless told to leave it', { timeout: LONG }, async () => {
    const basePath = join(folder, 'cold');
    const records = join(basePath, '123', 'assets.extra', 'tf_serving_warmup_requests');
    cpSync(`${fixtures}half_plus_two/123`, join(basePath, '123'), { recursive: true });
    mkdirSync(dirname(records));
    writeFileSync(records, 'no records');
    const flags = ['--model_name=cold', `--model_base_path=${basePath}`, '--max_num_load_retries=0'];
    const failed = await serve(`--rest_api_port=${await freePort()}`, ...flags);
    expect(failed.log()).toMatch(
      /model failed name=cold version=123 code=DATA_LOSS error=".*verify your warmup data is in TFRecord format/,
    );
    failed.child.kill('SIGKILL');
    const served = await serve(`--rest_api_port=${await freePort()}`, ...flags, '--enable_model_warmup=false');
    expect(served.log()).toContain('model loaded name=cold version=123 ');
  });

  it('follows its config file', { timeout: LONG }, async () => {
    const config = join(folder, 'polled.config');
    const list = (...names: string[]): string =>
      `model_config_list { ${names
        .map((name) => `config { name: "${name}" base_path: "${fixtures}half_plus_two" model_platform: "tensorflow" }`)
        .join(' ')} }`;
    writeFileSync(config, list('a'));
    const poll = [`--model_config_file=${config}`, '--model_config_file_poll_wait_seconds=1'];
    const { url, log } = await serve(`--rest_api_port=${await freePort()}`, ...poll);
    expect((await fetch(`${url}/v1/models/b`)).status).toBe(404);
    writeFileSync(config, list('b'));
    await expect.poll(log).toMatch(/model configuration reloaded models=b\n[\s\S]*model loaded name=b version=124/);
    expect(await (await post(`${url}/v1/models/b:predict`, { instances: [2] })).json()).toEqual({ predictions: [4] });
    writeFileSync(config, '# being written\n');
    await expect.poll(log).toContain('the running one is kept: ');
    expect(log()).toContain(`${config} is empty or has comments only; expected a model_config_list`);
    expect(await (await post(`${url}/v1/models/b:predict`, { instances: [2] })).json()).toEqual({ predictions: [4] });
    writeFileSync(config, list('c\\nforged: a line'));
    await expect.poll(log).toContain('model loaded name="c\\\\nforged: a line" version=124 engine=tensorflow ');
    expect(log()).toContain('model configuration reloaded models="c\\\\nforged: a line"\n');
    expect(log()).not.toMatch(/^forged/m);
    writeFileSync(config, 'model_config_list {}');
    await expect.poll(log).toContain('model configuration reloaded models=""');
  });

  it('starts with config files that say nothing, and says so', { timeout: LONG }, async () => {
    const blank = join(folder, 'blank.config');
    writeFileSync(blank, '\n# nothing\n');
    const flags = [`--model_config_file=${blank}`, `--monitoring_config_file=${blank}`];
    const { url, log } = await serve(`--rest_api_port=${await freePort()}`, ...flags);
    for (const flag of flags) expect(log()).toContain(`${flag} is empty or has comments only; it changes nothing\n`);
    expect((await fetch(`${url}/v1/models/m`)).status).toBe(404);
  });

  it.each([
    ['server_key: "no" server_cert: "key"', /INVALID_ARGUMENT: .*bad-ssl\.config: TLS for REST: /],
    ['', /INVALID_ARGUMENT: .*bad-ssl\.config: TLS for REST: expected a key and a certificate, as PEM texts/],
  ])('fails to start REST with the SSLConfig %j', { timeout: LONG }, async (text, message) => {
    const ssl = join(folder, 'bad-ssl.config');
    writeFileSync(ssl, text);
    const flags = [`--rest_api_port=${await freePort()}`, `--rest_api_ssl_config_file=${ssl}`, ...slow];
    await expect(serve(...flags)).rejects.toThrow(message);
  });

  it('serves both APIs with TLS', { timeout: LONG }, async () => {
    const ssl = join(folder, 'ssl.config');
    const pem = (name: string): string => readFileSync(`${certificates}${name}.pem`, 'utf8');
    const text = (value: string): string => JSON.stringify(value);
    writeFileSync(ssl, `server_key: ${text(pem('server-key'))} server_cert: ${text(pem('server'))}`);
    const [port, restPort] = [await freePort(), await freePort()];
    const tls = [`--port=${port}`, `--ssl_config_file=${ssl}`, `--rest_api_ssl_config_file=${ssl}`];
    const { url } = await serve(...tls, `--rest_api_port=${restPort}`, ...slow);
    expect(url).toBe(`https://127.0.0.1:${restPort}`);
    const ca = Buffer.from(pem('authority'));
    const [response] = await once(
      requestTls(`${url}/v1/models/slow`, { ca, servername: 'localhost' }).end(),
      'response',
    );
    expect((response as IncomingMessage).statusCode).toBe(200);
    (response as IncomingMessage).resume();
    const client = new GrpcClient(`localhost:${port}`, ChannelCredentials.createSsl(ca));
    await expect(client.predict({ modelSpec: { name: 'none' }, inputs: {} })).rejects.toMatchObject({ code: 5 });
    client.close();
  });

  it('does not load models for a port that is taken', { timeout: LONG }, async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const started = serve(`--rest_api_port=${port}`, `--model_base_path=${fixtures}half_plus_two`);
    await expect(started).rejects.toThrow(
      new RegExp(
        `^exit 255: \\S+ error Failed to start server\\. Error: UNAVAILABLE: --rest_api_port=${port}: REST can't listen on .*EADDRINUSE.*\\n$`,
      ),
    );
    taken.close();
  });
});
