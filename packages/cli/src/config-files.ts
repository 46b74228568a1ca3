/** The files that flags name. */
import { readFile } from 'node:fs/promises';
import { type ModelConfigList, type ModelConfigSource, ServingError } from '@serving/core';
import { parseModelServerConfig, parseSslConfig, type SslConfig, toModelConfigs } from '@serving/protos';

/** @throws ServingError `NOT_FOUND` for a file that isn't there, `UNAVAILABLE` for one that can't be read. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'No such file or directory' : message;
    throw new ServingError(code === 'ENOENT' ? 'NOT_FOUND' : 'UNAVAILABLE', `${file}; ${reason}`, { cause });
  }
}

/**
 * The models of a ModelServerConfig.
 *
 * @throws ServingError as {@link readText}, `INVALID_ARGUMENT` for a text that doesn't parse.
 */
export async function readModelConfigFile(file: string): Promise<ModelConfigList> {
  return toModels(await readText(file), file);
}

/** The same file, looked at again and again. A text that hasn't changed is not parsed. */
export function modelConfigFileSource(file: string, pollWaitSeconds: number): ModelConfigSource {
  let last: string | undefined;
  return {
    pollWaitSeconds,
    read: async () => {
      const text = await readText(file);
      if (text === last) return undefined;
      const list = toModels(text, file);
      last = text;
      return list;
    },
  };
}

/** An SSLConfig; `undefined` without a file. @throws ServingError as {@link readModelConfigFile}. */
export async function readSslConfigFile(file: string): Promise<SslConfig | undefined> {
  return file === '' ? undefined : parseSslConfig(await readText(file), file);
}

function toModels(text: string, file: string): ModelConfigList {
  return { models: toModelConfigs(parseModelServerConfig(text, file)) };
}
