/** What `serving serve` starts a model server with. */
import { type ModelConfigSource, ServingError } from '@serving/core';
import { parseFlags } from '@serving/engine/command';
import { type ModelServerFlags, modelServerFlags } from '../../model-server/model-server-flags.js';
import { type ModelServerSettings, readModelServerSettings } from '../../model-server/model-server-settings.js';
import { type FoundModels, findModels } from './find-models.js';
import type { ServeFlags } from './serve-spec.js';

/**
 * The settings of `tensorflow_model_server`, with the models of a folder.
 *
 * @param remark called with each remark about what is in the folder and not served, once
 * @throws ServingError `INVALID_ARGUMENT` for flags with wrong values, and as `findModels`.
 */
export async function serveSettings(
  folder: string,
  flags: ServeFlags,
  remark: (line: string) => void,
): Promise<ModelServerSettings> {
  if (flags.port === 0)
    throw ServingError.invalidArgument('--port must be a port, an integer between 1 and 65535, got 0');
  if (flags.poll_seconds < 1) {
    throw ServingError.invalidArgument(
      `--poll_seconds must be at least 1, got ${flags.poll_seconds}; --no-watch reads the folder once`,
    );
  }
  const { values } = parseFlags<ModelServerFlags>(modelServerFlags, []);
  const settings = await readModelServerSettings(
    {
      ...values,
      port: flags.grpc_port,
      grpc_host: flags.host,
      rest_api_port: flags.port,
      rest_api_host: flags.host,
      rest_api_health_path: '/health',
      rest_api_list_models: true,
      engine: flags.engine,
      enable_batching: flags.batching,
      console_path: flags.console ? '/console' : '',
      // The console shows one thread.
      serving_threads: flags.console ? 1 : values.serving_threads,
      console_actions: flags.console && flags.console_actions,
      file_system_poll_wait_seconds: flags.watch ? flags.poll_seconds : 0,
      model_base_path: folder,
    },
    remark,
  );
  const first = await findModels(folder);
  if (first.models.length === 0) remark(noModels(folder));
  const source = folderSource(folder, first, flags.watch && flags.poll_seconds * 1000, remark);
  const { models: _, ...server } = settings.server;
  return { ...settings, server: { ...server, configSource: source } };
}

/** The list of models is what the folder holds. */
function folderSource(
  folder: string,
  first: FoundModels,
  pollIntervalMs: number | false,
  remark: (line: string) => void,
): ModelConfigSource {
  const remarked = new Set<string>();
  let next: FoundModels | undefined = first;
  return {
    pollIntervalMs,
    async read() {
      const { models, remarks } = next ?? (await findModels(folder));
      next = undefined;
      for (const line of remarks) {
        if (!remarked.has(line)) remark(line);
        remarked.add(line);
      }
      return { models };
    },
  };
}

function noModels(folder: string): string {
  return `no models in ${JSON.stringify(folder)} yet: each is a folder with a folder for each version, such as ${folder}/digits/1/saved_model.pb`;
}
