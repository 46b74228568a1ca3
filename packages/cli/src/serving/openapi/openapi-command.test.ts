import { fileURLToPath } from 'node:url';
import { RestServer } from '@serving/http';
import { expect, it, onTestFinished } from 'vitest';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { fakeServable, startTestServer } from '../../../../testing/src/index.js';
import { runServing } from '../serving.js';

const halfPlusTwo = fileURLToPath(new URL('../../../../savedmodel/fixtures/half_plus_two', import.meta.url));

async function documentOf(operand: string) {
  const output = recordingOutput();
  const code = await runServing(['openapi', operand], output);
  return { code, err: output.err(), text: output.out() };
}

it('writes the document of a SavedModel', async () => {
  const { text, code } = await documentOf(halfPlusTwo);
  expect(code).toBe(0);
  const document = JSON.parse(text);
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'half_plus_two' },
    servers: [{ url: 'http://localhost:8501' }],
  });
  expect(Object.keys(document.paths)).toContain('/v1/models/half_plus_two:predict');
  expect(document.components.schemas['half_plus_two.InferRequest']).toBeDefined();
});

it('writes the document of a model of a running server', async () => {
  const half = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
  const test = await startTestServer({ models: { half } });
  const rest = await RestServer.listen(test.server, { port: 0 });
  onTestFinished(async () => {
    await rest.close();
    await test.close();
  });
  const url = `http://127.0.0.1:${rest.port}`;
  const { text } = await documentOf(`${url}/v1/models/half`);
  expect(JSON.parse(text)).toMatchObject({ servers: [{ url }], tags: [{ name: 'half' }] });
});

it('ends with 1 and the reason for a folder without a model', async () => {
  const { code, err } = await documentOf('/nowhere');
  expect([code, err]).toEqual([1, expect.stringMatching(/^serving openapi: NOT_FOUND: Can't read the folder/)]);
});
