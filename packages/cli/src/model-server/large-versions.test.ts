import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensor } from '@serving/core/tensor';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const halfPlusTwo = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));
/** A double takes these for one. */
const OLD = 20241130113432123n;
const NEW = 20241130113432124n;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('tensorflow_model_server with versions beyond 2^53', () => {
  it('serves them over REST and gRPC, by number and label, in status, metadata, metrics and health', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-versions-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const version of [7n, OLD, NEW]) cpSync(halfPlusTwo, join(folder, 'm', String(version)), { recursive: true });
    const config = join(folder, 'models.config');
    writeFileSync(
      config,
      `model_config_list {
         config { name: "m" base_path: "${folder}/m" model_platform: "tensorflow"
           model_version_policy { specific { versions: ${OLD} versions: ${NEW} versions: 7 } }
           version_labels { key: "stable" value: ${OLD} } }
         config { name: "absent" base_path: "${folder}/m" model_platform: "tensorflow"
           model_version_policy { specific { versions: ${2n ** 63n - 1n} } } } }`,
    );
    const monitoring = join(folder, 'monitoring.config');
    writeFileSync(monitoring, 'prometheus_config { enable: true path: "/metrics" }');
    const port = await freePort();
    const output = recordingOutput();
    const server = await startTensorFlowModelServer(
      [
        `--port=${port}`,
        `--rest_api_port=${await freePort()}`,
        `--model_config_file=${config}`,
        `--monitoring_config_file=${monitoring}`,
        '--rest_api_health_path=/health',
      ],
      output,
    );
    if (typeof server === 'number') throw new Error(output.err());
    onTestFinished(() => server.close());
    const client = new GrpcClient(`127.0.0.1:${port}`);
    onTestFinished(() => client.close());
    const get = async (path: string): Promise<string> => (await fetch(`${server.url}${path}`)).text();

    expect(output.err()).toContain(`model loaded name=m version=${NEW} `);
    const { model_version_status: statuses } = JSON.parse(await get('/v1/models/m'));
    expect(statuses.map(({ version }: { version: string }) => version)).toEqual([String(NEW), String(OLD), '7']);
    expect(JSON.parse(await get(`/v1/models/m/versions/${OLD}`)).model_version_status).toMatchObject([
      { version: String(OLD), state: 'AVAILABLE' },
    ]);
    expect(JSON.parse(await get('/v1/models/m/labels/stable/metadata')).model_spec.version).toBe(String(OLD));
    const predict = await fetch(`${server.url}/v1/models/m/versions/${OLD}:predict`, {
      method: 'POST',
      body: '{"instances": [2]}',
    });
    expect(await predict.json()).toEqual({ predictions: [3] });
    expect(await get('/metrics')).toContain(`{model_path="${folder}/m/${OLD}",status="success"} 1\n`);
    expect(await get('/metrics')).toContain(`{model_name="m",version="${OLD}",state="AVAILABLE"} 1\n`);
    expect(JSON.parse(await get('/health/ready/m')).models.m.versions).toEqual([String(NEW), String(OLD), 7]);

    const inputs = { x: createTensor('float', [1], Float32Array.of(2)) };
    for (const [spec, version] of [
      [{}, NEW],
      [{ version: OLD }, OLD],
      [{ version: 7n }, 7],
      [{ versionLabel: 'stable' }, OLD],
    ] as const) {
      const { modelSpec } = await client.predict({ modelSpec: { name: 'm', ...spec }, inputs });
      expect(modelSpec).toMatchObject({ version });
    }
    const status = await client.getModelStatus({ modelSpec: { name: 'm', version: { value: OLD } } });
    expect(status.modelVersionStatus).toMatchObject([{ version: OLD, state: 30 }]);
    const metadata = await client.getModelMetadata({ modelSpec: { name: 'm' }, metadataField: ['signature_def'] });
    expect(metadata.modelSpec).toMatchObject({ version: { value: NEW } });
    await expect(
      client.getModelStatus({ modelSpec: { name: 'm', version: { value: OLD + 9n } } }),
    ).rejects.toMatchObject({ code: 5, details: `Could not find version ${OLD + 9n} of model m` });
  });
});
