/** Versions and labels are fields of `model_spec`: `node grpc-client.js ADDRESS`. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const protos = dirname(fileURLToPath(import.meta.resolve('@serving/protos/proto/README.md')));
const { tensorflow } = loadPackageDefinition(
  loadSync('tensorflow_serving/apis/prediction_service.proto', {
    includeDirs: [protos],
    keepCase: true,
    longs: Number,
  }),
);
const client = new tensorflow.serving.PredictionService(
  process.argv[2] ?? '127.0.0.1:8500',
  credentials.createInsecure(),
);
const call = promisify(client.Predict).bind(client);

async function predict(model_spec) {
  const inputs = { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }] }, float_val: [1] } };
  const { model_spec: answered, outputs } = await call({
    model_spec: { name: 'half_plus_two', ...model_spec },
    inputs,
  });
  return `${outputs.y.float_val} of version ${answered.version.value}`;
}

console.log(await predict({})); // 3.5 of version 124
console.log(await predict({ version: { value: 123 } })); // 2.5 of version 123
console.log(await predict({ version_label: 'stable' })); // 2.5 of version 123
console.log(await predict({ version_label: 'beta' }).catch(({ code }) => code)); // 3
client.close();
