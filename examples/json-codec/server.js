import { createServer } from 'node:http';
import { ServingError } from '@serving/core';
import { createTensor, StringArray } from '@serving/core/tensor';
import {
  decodeClassificationRequest,
  decodePredictRequest,
  decodeRegressionRequest,
  encodeClassificationResponse,
  encodeError,
  encodePredictResponse,
  encodeRegressionResponse,
} from '@serving/json-codec';

const signature = {
  name: 'serving_default',
  methodName: 'tensorflow/serving/predict',
  inputs: new Map([['x', { name: 'x', dtype: 'float', shape: [-1] }]]),
  outputs: new Map([['y', { name: 'y', dtype: 'float', shape: [-1] }]]),
  defaults: new Map(),
};

const halfPlusTwo = (x) => x / 2 + 2;

function ofExample(example) {
  const x = example.get('x');
  if (x?.kind !== 'float') throw new ServingError('INVALID_ARGUMENT', 'Feature: x must be a float');
  return halfPlusTwo(x.values[0]);
}

const verbs = {
  predict(body) {
    const { format, inputs } = decodePredictRequest(body, () => signature);
    const { shape, data } = inputs.x;
    return encodePredictResponse(format, { y: createTensor('float', shape, data.map(halfPlusTwo)) });
  },
  regress(body) {
    const { input } = decodeRegressionRequest(body);
    return encodeRegressionResponse({ values: Float32Array.from(input.examples, ofExample) });
  },
  classify(body) {
    const { examples } = decodeClassificationRequest(body).input;
    const labels = StringArray.from(examples.map(() => 'y'));
    const scores = Float32Array.from(examples, ofExample);
    return encodeClassificationResponse({ batchSize: examples.length, numClasses: 1, labels, scores });
  },
};

const server = createServer(async (request, response) => {
  try {
    const verb = verbs[request.url.split(':').at(-1)];
    if (!verb) throw new ServingError('NOT_FOUND', 'predict, regress or classify?');
    const body = verb(Buffer.concat(await request.toArray()));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } catch (caught) {
    const error = ServingError.from(caught);
    response.writeHead(error.status, { 'content-type': 'application/json' }).end(encodeError(error.clientMessage));
  }
});
server.listen(process.env.PORT ?? 8501, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
