import { createTensor, StringArray } from '@serving/core/tensor';
import { decodePredictResponse, encodePredictRequest } from '@serving/json-codec';

const model = process.argv[2] ?? 'http://localhost:8501/v1/models/half_plus_two';

/** Known from the model's metadata. Without it data types are guessed, and a single output is called `output`. */
const signature = { outputs: new Map([['y', { name: 'y', dtype: 'float', shape: [-1] }]]) };

async function predict(inputs) {
  const response = await fetch(`${model}:predict`, { method: 'POST', body: encodePredictRequest(inputs) });
  const body = new Uint8Array(await response.arrayBuffer());
  return decodePredictResponse(body, { httpStatus: response.status, signature }).outputs;
}

const { y } = await predict({ x: createTensor('float', [3], Float32Array.of(1, 0.1, Number.NaN)) });
console.log(y); // { dtype: 'float', shape: [ 3 ], data: Float32Array(3) [ 2.5, 2.049999952316284, NaN ] }

try {
  await predict({ x: createTensor('string', [1], StringArray.from(['?'])) });
} catch (error) {
  console.log(error.code); // INVALID_ARGUMENT
  console.log(error.message); // JSON Value: "?" Type: String is not of expected type: float
}
