import { Validator } from '@seriousme/openapi-schema-validator';
import { createFetchHandler } from '@serving/http';
import * as openInference from '@serving/open-inference/extension';
import { fakeServable, startTestServer } from '@serving/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SignatureInfo, SignatureTensor } from '../api/console-api.js';
import * as extension from '../extension.js';
import { openApiDocument } from './openapi-document.js';

const tensor = (name: string, dtype: string, datatype: string, ...sizes: number[]): SignatureTensor => ({
  name,
  dtype,
  datatype,
  shape: sizes.map((size, axis) => ({ size, ...(axis === 0 && size < 0 && { name: 'batch' }) })),
});

const signature = (name: string, inputs: SignatureTensor[], outputs: SignatureTensor[]): SignatureInfo => ({
  name,
  methodName: 'tensorflow/serving/predict',
  inputs,
  outputs,
});

const digits = signature(
  'serving_default',
  [tensor('image', 'DT_FLOAT', 'FP32', -1, 2, 3)],
  [tensor('scores', 'DT_FLOAT', 'FP32', -1, 10), tensor('class', 'DT_INT64', 'INT64', -1)],
);

async function expectValid(document: object): Promise<void> {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
  expect([valid, errors]).toEqual([true, undefined]);
}

describe('openApiDocument', () => {
  it('describes inputs as nested lists by rank, with the names of dimensions', async () => {
    const document = openApiDocument([{ name: 'digits', version: '3', signatures: [digits] }]);
    await expectValid(document);
    const image = { type: 'array', minItems: 3, maxItems: 3, items: { type: 'number', format: 'float' } };
    const row = {
      title: 'image',
      type: 'array',
      minItems: 2,
      maxItems: 2,
      items: image,
      description: 'DT_FLOAT [batch, 2, 3]',
    };
    expect(document.components.schemas['digits.PredictRequest']).toMatchObject({
      anyOf: [
        { required: ['inputs'] },
        {
          required: ['instances'],
          properties: {
            instances: { type: 'array', items: { anyOf: [{ properties: { image: row } }, row] } },
          },
        },
      ],
    });
    expect(document.components.schemas['digits.PredictResponse']).toMatchObject({
      anyOf: [{ required: ['outputs'] }, { properties: { predictions: { items: { required: ['scores', 'class'] } } } }],
    });
    expect(Object.keys(document.paths)).toEqual([
      '/v1/models/digits',
      '/v1/models/digits/metadata',
      '/v1/models/digits:predict',
      '/v1/models/digits/versions/{version}:predict',
      '/v2/models/digits/infer',
      '/v2/models/digits/versions/{version}/infer',
    ]);
  });

  it('asks for the name of a signature that is not the default one', async () => {
    const other = signature('other', [tensor('x', 'DT_INT32', 'INT32')], [tensor('y', 'DT_BOOL', 'BOOL')]);
    const document = openApiDocument([{ name: 'm', signatures: [other] }]);
    await expectValid(document);
    expect(document.components.schemas['m.PredictRequest']).toMatchObject({
      required: ['signature_name', 'inputs'],
      properties: { signature_name: { const: 'other' } },
    });
  });

  it('leaves out what an API has no form for', async () => {
    const half: SignatureTensor = { name: 'x', dtype: 'DT_HALF', datatype: 'FP16' };
    const complex: SignatureTensor = { name: 'x', dtype: 'DT_COMPLEX64' };
    const document = openApiDocument([
      { name: 'half', signatures: [signature('serving_default', [half], [half])] },
      { name: 'complex', signatures: [signature('serving_default', [complex], [complex])] },
    ]);
    await expectValid(document);
    expect(Object.keys(document.paths).filter((path) => /predict|infer/.test(path))).toEqual([
      '/v2/models/half/infer',
      '/v2/models/half/versions/{version}/infer',
    ]);
  });

  it('has classify and regress for signatures of their form, and other names for models whose names resemble', async () => {
    const classify = { ...digits, methodName: 'tensorflow/serving/classify' };
    const models = ['größe 1', 'gr__e_1', 'gr__e 1'].map((name) => ({ name, signatures: [classify] }));
    const document = openApiDocument(models, { openInference: false });
    await expectValid(document);
    expect(Object.keys(document.paths)).toContain('/v1/models/gr%C3%B6%C3%9Fe%201:classify');
    expect(Object.keys(document.components.schemas).filter((name) => name.endsWith('PredictRequest'))).toEqual([
      'gr__e_1.PredictRequest',
      'gr__e_1_2.PredictRequest',
      'gr__e_1_3.PredictRequest',
    ]);
  });
});

describe('a mounted console', () => {
  it('answers with a valid document of all models, and of each', async () => {
    const scale = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: ({ x }) => ({ y: x }) });
    const test = await startTestServer({ models: { 'a b': scale, other: scale } });
    onTestFinished(() => test.close());
    const extensions = [{ module: extension }, { module: openInference }];
    const serve = createFetchHandler(test.server, { extensions });
    const ask = (path: string) => serve(new Request(`http://test${path}`));
    const get = async (path: string) => (await (await ask(path)).json()) as ReturnType<typeof openApiDocument>;
    const all = await get('/openapi.json');
    await expectValid(all);
    expect(all.servers).toEqual([{ url: '.' }]);
    expect(all.tags.map(({ name }) => name)).toEqual(['a b', 'other']);
    const one = await get('/openapi/a%20b.json');
    await expectValid(one);
    expect([one.info.title, one.servers, Object.keys(one.paths)]).toEqual([
      'a b',
      [{ url: '..' }],
      expect.arrayContaining(['/v1/models/a%20b:predict', '/v2/models/a%20b/infer']),
    ]);
    expect((await ask('/openapi/none.json')).status).toBe(404);
    const v1Only = createFetchHandler(test.server, { extensions: [{ module: extension }] });
    const paths = ((await (await v1Only(new Request('http://test/openapi.json'))).json()) as typeof all).paths;
    expect(Object.keys(paths).filter((path) => path.startsWith('/v2'))).toEqual([]);
    const without = createFetchHandler(test.server, {
      extensions: [{ module: extension, options: { openApi: false } }],
    });
    expect((await without(new Request('http://test/openapi.json'))).status).toBe(404);
  });
});
