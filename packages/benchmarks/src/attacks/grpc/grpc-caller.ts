/** A client of grpc-js that attacks have beside them. */
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';

/** A predict request for the model `m` of one float. */
const request = Buffer.from(
  encodePredictRequestMessage({
    modelSpec: { name: 'm', signatureName: '' },
    inputs: { x: createTensor('float', [1], Float32Array.of(1)) },
  }),
);

export const PREDICT_PATH = '/tensorflow.serving.PredictionService/Predict';

export class GrpcCaller {
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      // Each a connection of its own.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 200,
    });
  }

  /** Resolves with the error of a call that failed. */
  ask(): Promise<ServiceError | undefined> {
    const identity = (bytes: Buffer): Buffer => bytes;
    const options = { deadline: Date.now() + 10_000 };
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(PREDICT_PATH, identity, identity, request, new Metadata(), options, (error) =>
        resolve(error ?? undefined),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** Resolves with how many of the calls, each with a client of its own, are answered. */
export async function answeredCalls(port: number, count: number): Promise<number> {
  let answered = 0;
  for (let i = 0; i < count; i++) {
    const caller = new GrpcCaller(port);
    if ((await caller.ask()) === undefined) answered += 1;
    caller.close();
  }
  return answered;
}
