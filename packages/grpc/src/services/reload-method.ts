/** ModelService.HandleReloadConfigRequest: bytes of a request in, bytes of its response out. */
import { type ModelConfigList, ServingError } from '@serving/core';
import { type ModelServerConfigMessage, toModelConfigs } from '@serving/protos/config';
import { decodeReloadConfigRequest, encodeMessage } from '@serving/protos/messages';
import type { GrpcModelServer } from '../grpc-model-server.js';
import { parseRequest } from './grpc-status.js';

/** The present value of a metric by its name, such as `/tensorflow/serving/request_count`; `undefined` when there is none. */
export type MetricReader = (name: string) => bigint | number | undefined;

/** Completes a list of models that has TensorFlow Serving's fields only. */
export type ReloadCompletion = (list: ModelConfigList) => ModelConfigList | Promise<ModelConfigList>;

/** What a reload reads and calls beside the model server. */
export interface ReloadMethodOptions {
  readonly readMetric?: MetricReader | undefined;
  readonly completeReload?: ReloadCompletion | undefined;
  /** Resolves when the metrics count all that has happened. Default: they do. */
  readonly flushMetrics?: (() => Promise<void>) | undefined;
}

/** Replaces the list of models. */
export class ReloadMethod {
  readonly #server: Pick<GrpcModelServer, 'reload'>;
  readonly #options: ReloadMethodOptions;

  constructor(server: Pick<GrpcModelServer, 'reload'>, options: ReloadMethodOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Answers when the new list is in effect. @throws ServingError */
  async handle(bytes: Uint8Array): Promise<Uint8Array> {
    const { config, metricNames } = parseRequest('ReloadConfigRequest', () => decodeReloadConfigRequest(bytes));
    const names = [...new Set(metricNames)];
    const before = await this.#metrics(names);
    await this.#reload(config);
    const after = await this.#metrics(names);
    return encodeMessage('tensorflow.serving.ReloadConfigResponse', {
      status: {},
      metric: names.map((name, i) => ({ name, int64ValueIncrease: after[i]! - before[i]! })),
    });
  }

  async #reload(config: ModelServerConfigMessage): Promise<void> {
    if (!config.modelConfigList) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
      );
    }
    const list = { models: toModelConfigs(config) };
    await this.#server.reload((await this.#options.completeReload?.(list)) ?? list);
  }

  async #metrics(names: readonly string[]): Promise<bigint[]> {
    const { readMetric, flushMetrics } = this.#options;
    if (names.length > 0) await flushMetrics?.();
    return names.map((name) => BigInt(readMetric?.(name) ?? 0));
  }
}
