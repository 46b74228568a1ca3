import { createTensor } from '@serving/core/tensor';
import { OpenInferenceGrpcClient } from '@serving/open-inference/client-grpc';

const client = new OpenInferenceGrpcClient(process.argv[2] ?? 'http://localhost:8500');
const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
const { outputs } = await client.infer({ model: 'half_plus_two', inputs: { x }, timeoutMs: 1000 });
console.log(outputs.y.data); // Float32Array(3) [ 2.5, 3, 4.5 ]
client.close();
