/**
 * The module that mount points load for `openInference()`: it constructs the extension in each thread that serves.
 *
 * @module @serving/open-inference/extension
 */
import { predictionServiceOf } from '@serving/core/internal';
import type { CreateGrpcExtension } from '@serving/grpc';
import type { CreateHttpExtension } from '@serving/http/adapter';
import { openInferenceFile } from './gen/open-inference-file.js';
import { openInferenceService } from './grpc/open-inference-service.js';
import { OpenInferenceHandler } from './http/open-inference-handler.js';
import { ModelCatalog } from './models/model-catalog.js';
import { answerStatistics } from './models/model-statistics.js';
import { checkOpenInferenceOptions } from './options.js';

/** The protocol over HTTP. */
export const createHttpExtension: CreateHttpExtension = (server, options, context) => {
  const { modelControl = false } = checkOpenInferenceOptions(options);
  const { clock } = context;
  const inferContext = { catalog: new ModelCatalog(server), service: predictionServiceOf(server, clock), clock };
  answerStatistics(inferContext);
  return new OpenInferenceHandler(inferContext, context, modelControl);
};

/** The protocol over gRPC. */
export const createGrpcExtension: CreateGrpcExtension = (server, options, extensionContext) => {
  const { modelControl = false } = checkOpenInferenceOptions(options);
  const { clock } = extensionContext;
  const context = { catalog: new ModelCatalog(server), service: predictionServiceOf(server, clock), clock };
  answerStatistics(context);
  return { services: [openInferenceService(context, modelControl, extensionContext)], files: [openInferenceFile] };
};
