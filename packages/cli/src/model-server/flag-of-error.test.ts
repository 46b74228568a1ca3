import { ServingError } from '@serving/core';
import { parseFlags } from '@serving/engine/command';
import { expect, it } from 'vitest';
import { namingFlag } from './flag-of-error.js';
import { type ModelServerFlags, modelServerFlags } from './model-server-flags.js';

const invalid = 'Invalid model server configuration:';

it.each([
  [`${invalid} models[1].name: twice`, ['--model_config_file=m.config'], `m.config: ${invalid} models[1].name: twice`],
  [`${invalid} models[0].basePath: empty`, [], `${invalid} models[0].basePath: empty`],
  [
    `${invalid} batching.maxBatchSize: 0; models[0].name: twice`,
    ['--model_config_file=m.config', '--batching_parameters_file=b.config'],
    `m.config, b.config: ${invalid} batching.maxBatchSize: 0; models[0].name: twice`,
  ],
  ['SSLConfig: no start line', ['--ssl_config_file=s.config'], 's.config: SSLConfig: no start line'],
  ['TLS for REST: bad', ['--rest_api_ssl_config_file=r.config'], 'r.config: TLS for REST: bad'],
  [
    'Option "keepaliveTimeoutMs" of GrpcServer.listen() must be over 0',
    [],
    '--grpc_keepalive_timeout_ms: Option "keepaliveTimeoutMs" of GrpcServer.listen() must be over 0',
  ],
  [
    'Option "maxBodyBytes" of the REST API must be over 0',
    [],
    '--rest_api_max_body_bytes: Option "maxBodyBytes" of the REST API must be over 0',
  ],
  ['Option "formats" of the REST API must be a list', [], 'Option "formats" of the REST API must be a list'],
])('%s', (message, argv, expected) => {
  const { values } = parseFlags<ModelServerFlags>(modelServerFlags, argv);
  const named = namingFlag(ServingError.invalidArgument(message), values);
  expect(named).toMatchObject({ code: 'INVALID_ARGUMENT', message: expected });
});
