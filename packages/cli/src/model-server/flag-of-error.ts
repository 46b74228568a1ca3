/** Errors that name options and fields of our code, with the flag or the file where a user of the command gave them. */
import type { ServingError } from '@serving/core';
import { type ModelServerFlags, modelServerFlags } from './model-server-flags.js';

type FileFlag = {
  [Name in keyof ModelServerFlags]: ModelServerFlags[Name] extends string ? Name : never;
}[keyof ModelServerFlags];

/** The texts of errors in files, with the flags that name those files. */
const fileErrors: readonly (readonly [RegExp, FileFlag])[] = [
  [/^Invalid model server configuration: .*\bmodels\[\d/s, 'model_config_file'],
  [/^Invalid model server configuration: .*\bbatching\.\w/s, 'batching_parameters_file'],
  [/^SSLConfig: /, 'ssl_config_file'],
  [/^TLS for REST: /, 'rest_api_ssl_config_file'],
];

/** Puts the files and the flag in front of an error, where it is due to one. */
export function namingFlag(error: ServingError, flags: ModelServerFlags): ServingError {
  const files = fileErrors.filter(([text, flag]) => text.test(error.message) && flags[flag] !== '');
  const origins = [...files.map(([, flag]) => `${flags[flag]}`), ...flagOf(error.message)];
  return origins.length === 0 ? error : error.prefixed(`${origins.join(', ')}: `);
}

function flagOf(message: string): string[] {
  const [, option = '', api] = /^Option "(\w+)" of (the REST API|GrpcServer\.listen\(\)) /.exec(message) ?? [];
  const flag = `${api === 'the REST API' ? 'rest_api' : 'grpc'}_${option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  return Object.hasOwn(modelServerFlags, flag) ? [`--${flag}`] : [];
}
