import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const protos = dirname(fileURLToPath(import.meta.resolve('@serving/protos/proto/README.md')));
const { tensorflow } = loadPackageDefinition(
  loadSync('tensorflow_serving/apis/prediction_service.proto', { includeDirs: [protos], keepCase: true }),
);
const address = process.argv[2] ?? '127.0.0.1:8500';
const client = new tensorflow.serving.PredictionService(address, credentials.createInsecure());

const request = {
  model_spec: { name: 'half_plus_two' },
  inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 3 }] }, float_val: [1, 2, 5] } },
};
client.Predict(request, { deadline: Date.now() + 10_000 }, (error, response) => {
  if (error) throw error;
  console.log(response.outputs.y.float_val);
  client.close();
});
