/** The files that flags name. */
import { readFile } from 'node:fs/promises';
import { type ModelConfigList, ServingError } from '@serving/core';
import { fileErrorCode } from '@serving/core/extend';
import { parseModelServerConfig, parseSslConfig, type SslConfig, toModelConfigs } from '@serving/protos/config';

/** @throws ServingError `NOT_FOUND` for a file that isn't there, `UNAVAILABLE` for one that can't be read. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'No such file or directory' : message;
    throw new ServingError(fileErrorCode(cause), `${file}; ${reason}`, { cause });
  }
}

/**
 * The models of a ModelServerConfig.
 *
 * @throws ServingError as {@link readText}, `INVALID_ARGUMENT` for a text that doesn't parse.
 */
export async function readModelConfigFile(file: string): Promise<ModelConfigList> {
  return { models: toModelConfigs(parseModelServerConfig(await readText(file), file)) };
}

/** An SSLConfig; `undefined` without a file. @throws ServingError as {@link readModelConfigFile}. */
export async function readSslConfigFile(file: string): Promise<SslConfig | undefined> {
  return file === '' ? undefined : parseSslConfig(await readText(file), file);
}

/** Warnings about configuration files without content, which have every default. */
export async function blankFileRemarks(files: Readonly<Record<string, string>>): Promise<string[]> {
  const remarks = Object.entries(files).map(async ([flag, file]) => {
    const isBlank = file !== '' && (await readText(file)).replace(/#.*/g, '').trim() === '';
    return isBlank ? [`--${flag}=${file} is empty or has comments only; it changes nothing`] : [];
  });
  return (await Promise.all(remarks)).flat();
}
