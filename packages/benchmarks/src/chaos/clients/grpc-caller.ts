/** Callers over gRPC. */
import { ChannelCredentials, Client, type ServiceError, status } from '@grpc/grpc-js';
import { createTensor, type Tensor } from '@serving/core/tensor';
import { decodePredictResponseMessage, encodePredictRequestMessage } from '@serving/protos/messages';
import { chaosAnswer } from '../chaos-models.js';
import { type Caller, type Outcome, WRONG_ANSWER } from './caller-loops.js';

const PATH = '/tensorflow.serving.PredictionService/Predict';

/** Cancels where it leaves. */
export function grpcCaller(port: number): Caller & { close(): void } {
  const client = new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    name: 'gRPC',
    count: 2,
    ask(model, x, leaveAfterMs) {
      const inputs = { x: createTensor('float', [x.length], x) };
      const bytes = Buffer.from(encodePredictRequestMessage({ modelSpec: { name: model, signatureName: '' }, inputs }));
      return new Promise((resolve) => {
        const call = client.makeUnaryRequest(PATH, same, same, bytes, (error, answer) => {
          if (error?.code === status.CANCELLED && leaveAfterMs !== undefined) resolve({ kind: 'left' });
          else resolve(error || !answer ? failed(error) : readAnswer(answer, x));
        });
        if (leaveAfterMs !== undefined) setTimeout(() => call.cancel(), leaveAfterMs);
      });
    },
    close: () => client.close(),
  };
}

/** The version is in the answer, which must be its own. */
function readAnswer(answer: Buffer, x: Float32Array): Outcome {
  const { modelSpec, outputs } = decodePredictResponseMessage(answer);
  const { data } = outputs.y!.toTensor('y') as Tensor<'float'>;
  const version = Number(modelSpec?.version);
  if (data[0] === chaosAnswer(version, x[0]!)) return { kind: 'answered', y: data };
  return { kind: 'failed', code: WRONG_ANSWER, message: `version ${version}: ${data[0]} for ${x[0]}` };
}

function failed(error: ServiceError | null): Outcome {
  return { kind: 'failed', code: error ? status[error.code] : 'NO_ANSWER', message: error?.details ?? '' };
}
