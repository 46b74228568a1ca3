/** Sends an API key over REST and over gRPC: `API_KEY=… node client.js URL ADDRESS`. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [url = 'http://localhost:8501', address = '127.0.0.1:8500'] = process.argv.slice(2);
const key = process.env.API_KEY;

const response = await fetch(`${url}/v1/models/half_plus_two:predict`, {
  method: 'POST',
  headers: { 'x-api-key': key },
  body: '{"instances": [1, 2, 5]}',
});
console.log((await response.json()).predictions); // [ 2.5, 3, 4.5 ]

const protos = dirname(fileURLToPath(import.meta.resolve('@serving/protos/proto/README.md')));
const { tensorflow } = loadPackageDefinition(
  loadSync('tensorflow_serving/apis/prediction_service.proto', { includeDirs: [protos], keepCase: true }),
);
const client = new tensorflow.serving.PredictionService(address, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('x-api-key', key);
const inputs = { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 3 }] }, float_val: [1, 2, 5] } };
client.Predict({ model_spec: { name: 'half_plus_two' }, inputs }, metadata, (error, answer) => {
  if (error) throw error;
  console.log(answer.outputs.y.float_val); // [ 2.5, 3, 4.5 ]
  client.close();
});
