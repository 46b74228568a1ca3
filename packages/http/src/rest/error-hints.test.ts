import { describe, expect, it } from 'vitest';
import { fakeModelServer } from './fake-model-server.test-support.js';
import { restHandler } from './rest-handler.test-support.js';

const PREDICT = '/v1/models/half:predict';

describe('an error of HttpRestApiHandler', () => {
  it.each([
    ['GET', PREDICT, '', `${PREDICT} is for POST, with a JSON body: `],
    ['POST', '/v1/models/half/predict', '', `Did you mean POST ${PREDICT}?`],
    ['GET', '/v1/models', '', 'Name the model: GET /v1/models/MODEL, '],
    ['POST', PREDICT, '{"instance": [1]}', 'Did you mean "instances"? A body is '],
    [
      'POST',
      PREDICT,
      '{"signature_name": "serving", "instances": [1]}',
      'Did you mean "serving_default"? Signatures: ',
    ],
  ])('has a hint behind its text for %s %s %s', async (method, target, text, hint) => {
    const handler = restHandler(fakeModelServer());
    const { status, body } = await handler.handle({ method, target, body: Buffer.from(text), header: () => undefined });
    const answer: object = JSON.parse(Buffer.from(body).toString());
    expect([status, Object.keys(answer)]).toEqual([400, ['error', 'hint']]);
    expect(answer).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  it('names no models, which a client may not know', async () => {
    const handler = restHandler(fakeModelServer());
    const { body } = await handler.handle({
      method: 'GET',
      target: '/v1/models/hal',
      body: undefined,
      header: () => undefined,
    });
    expect(Object.keys(JSON.parse(Buffer.from(body).toString()))).toEqual(['error']);
  });
});
