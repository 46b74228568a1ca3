/** Inputs for a first request: those of logged requests, and of the version's warm-up file. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Version } from '@serving/core';
import { DEFAULT_SIGNATURE_NAME, type Signature, toVersion } from '@serving/core/extend';
import { modelControlOf, toInputs } from '@serving/core/internal';
import type { RestModelServer } from '@serving/http';
import { decodePredictionLog, decodePredictRequestMessage } from '@serving/protos/messages';
import { readTfRecords } from '@serving/protos/saved-model';
import type { InputExample, VersionExamples } from '../api/console-api.js';
import { inputExample } from './input-example.js';
import type { LoggedExamples } from './logged-examples.js';
import type { RequestedVersion } from './version-signatures.js';

/**
 * The last logged requests, newest first, and the first predict requests of the warm-up file; none of these for a version without one,
 * and for base paths that are not folders of this machine. Requests that JSON can not carry, with NaN or very many bytes, are left out.
 *
 * @throws ServingError `NOT_FOUND` for a version that is not available.
 */
export async function versionExamples(
  server: RestModelServer,
  spec: RequestedVersion,
  logged?: LoggedExamples,
): Promise<VersionExamples> {
  const handle = server.getServableHandle(spec);
  try {
    const { name: model, version } = handle.id;
    const basePath = modelControlOf(server)?.find(model)?.basePath;
    const file = basePath === undefined ? undefined : await readWarmupFile(basePath, version);
    const { signatures } = handle.servable;
    const examples = file === undefined ? [] : examplesOf(file, signatures);
    return { model, version: String(version), examples: [...(logged?.of(model, signatures) ?? []), ...examples] };
  } finally {
    handle.release();
  }
}

const WARMUP_FILE = 'assets.extra/tf_serving_warmup_requests';
const MAX_EXAMPLES = 10;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** `undefined` where there is none. */
async function readWarmupFile(basePath: string, version: Version): Promise<Uint8Array | undefined> {
  try {
    const folders = await readdir(basePath);
    const folder = folders.find((name) => /^\d+$/.test(name) && toVersion(name) === version);
    const bytes = folder === undefined ? undefined : await readFile(join(basePath, folder, WARMUP_FILE));
    return bytes !== undefined && bytes.length <= MAX_FILE_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function examplesOf(file: Uint8Array, signatures: ReadonlyMap<string, Signature>): InputExample[] {
  const examples: InputExample[] = [];
  let number = 0;
  try {
    for (const record of readTfRecords(file, WARMUP_FILE)) {
      const example = exampleOf(record, ++number, signatures);
      if (example !== undefined) examples.push(example);
      if (examples.length === MAX_EXAMPLES) break;
    }
  } catch {
    // The load of the version has said so already; what came before the damage is good.
  }
  return examples;
}

function exampleOf(
  record: Uint8Array,
  number: number,
  signatures: ReadonlyMap<string, Signature>,
): InputExample | undefined {
  try {
    const log = decodePredictionLog(record);
    if (log?.type !== 'predict') return undefined;
    const { modelSpec, inputs } = decodePredictRequestMessage(log.request);
    const signature = signatures.get(modelSpec?.signatureName || DEFAULT_SIGNATURE_NAME);
    if (signature === undefined) return undefined;
    const tensors = toInputs(inputs, signature, (proto, { name }) => proto.toTensor(name));
    return inputExample(`warm-up request ${number}`, signature, tensors);
  } catch {
    return undefined;
  }
}
