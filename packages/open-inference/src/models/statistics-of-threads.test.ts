import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { createTensor } from '@serving/core/tensor';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import { expect, it, onTestFinished } from 'vitest';
import { startFixtureServer } from '../../../test-doubles/src/fixture-server.js';
import { OpenInferenceGrpcClient } from '../client-grpc/index.js';
import { openInference } from '../index.js';
import type { ModelStatistics } from './statistics-answer.js';

/** On a connection of its own, which one of the threads gets. */
function ask(port: number, path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const agent = new Agent();
    const sent = request({ port, path, agent, method: body === undefined ? 'GET' : 'POST' }, (answer) => {
      json(answer).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

it.skipIf(process.platform === 'win32')(
  'statistics count the requests of all serving threads, over HTTP and gRPC',
  async () => {
    const { server } = await startFixtureServer(['half_plus_two'], { engine: 'onnx' });
    const extensions = [openInference()];
    const rest = await RestServer.listen(server, { port: 0, threads: 2, extensions });
    onTestFinished(() => rest.close());
    const grpc = await GrpcServer.listen(server, { port: 0, threads: 2, extensions });
    onTestFinished(() => grpc.close());
    const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [3], data: [1, 2, 5] }];
    for (let i = 0; i < 20; i++) await ask(rest.port, '/v2/models/half_plus_two/infer', { inputs });
    for (let i = 0; i < 4; i++) {
      using client = new OpenInferenceGrpcClient(`http://127.0.0.1:${grpc.port}`);
      await client.infer({ model: 'half_plus_two', inputs: { x } });
    }
    const counted = { inference_count: 24 * 3, execution_count: 24, inference_stats: { success: { count: 24 } } };
    for (let i = 0; i < 4; i++) {
      const { model_stats } = (await ask(rest.port, '/v2/models/stats')) as { model_stats: ModelStatistics[] };
      expect(model_stats).toHaveLength(1);
      expect(model_stats[0]).toMatchObject({ name: 'half_plus_two', ...counted, batch_stats: [{ batch_size: 3 }] });
    }
  },
);
