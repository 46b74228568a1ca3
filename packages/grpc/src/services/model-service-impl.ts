/** ModelService (TensorFlow Serving's `model_service_impl.cc`): bytes of a request in, bytes of its response out. */
import { type ModelConfigList, ServingError } from '@serving/core';
import { type ModelServerConfigMessage, toModelConfigs } from '@serving/protos/config';
import {
  decodeGetModelStatusRequest,
  decodeReloadConfigRequest,
  encodeGetModelStatusResponse,
  encodeMessage,
} from '@serving/protos/messages';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallContext } from './call-context.js';
import { parseRequest } from './grpc-status.js';
import { presentSpec } from './requested-model.js';

/** The present value of a metric by its name, such as `/tensorflow/serving/request_count`; `undefined` when there is none. */
export type MetricReader = (name: string) => bigint | number | undefined;

/** Completes a list of models that has TensorFlow Serving's fields only. */
export type ReloadCompletion = (list: ModelConfigList) => ModelConfigList | Promise<ModelConfigList>;

/** Methods throw or reject with `ServingError`s. */
export class ModelServiceImpl {
  readonly #server: GrpcModelServer;
  readonly #readMetric: MetricReader;
  readonly #completeReload: ReloadCompletion;

  constructor(
    server: GrpcModelServer,
    readMetric: MetricReader = () => undefined,
    completeReload: ReloadCompletion = (list) => list,
  ) {
    this.#server = server;
    this.#readMetric = readMetric;
    this.#completeReload = completeReload;
  }

  /** A label is not looked at, as in the reference. */
  getModelStatus(bytes: Uint8Array, call: CallContext): Uint8Array {
    const { modelSpec } = parseRequest('GetModelStatusRequest', decodeGetModelStatusRequest, bytes);
    if (call.trace) call.trace.model = modelSpec?.name ?? '';
    const { name: model, version } = presentSpec(modelSpec);
    if (version === undefined) return encodeGetModelStatusResponse(this.#server.getModelStatus({ model }));
    return encodeGetModelStatusResponse(this.#server.getModelStatus({ model, version }));
  }

  /** Answers when the new list is in effect. */
  async handleReloadConfigRequest(bytes: Uint8Array): Promise<Uint8Array> {
    const { config, metricNames } = parseRequest('ReloadConfigRequest', decodeReloadConfigRequest, bytes);
    const names = [...new Set(metricNames)];
    const before = names.map((name) => this.#metric(name));
    await this.#reload(config);
    return encodeMessage('tensorflow.serving.ReloadConfigResponse', {
      status: {},
      metric: names.map((name, i) => ({ name, int64ValueIncrease: this.#metric(name) - before[i]! })),
    });
  }

  async #reload(config: ModelServerConfigMessage): Promise<void> {
    if (!config.modelConfigList) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
      );
    }
    await this.#server.reload(await this.#completeReload({ models: toModelConfigs(config) }));
  }

  #metric(name: string): bigint {
    return BigInt(this.#readMetric(name) ?? 0);
  }
}
