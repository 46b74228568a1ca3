/** The requests that configurations are measured with. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ServingError } from '@serving/core';
import { fileErrorCode } from '@serving/core/extend';
import { decodePredictionLog, decodePredictRequestMessage } from '@serving/protos/messages';
import { readTfRecords } from '@serving/protos/saved-model';
import type { BenchRequest } from '../bench/bench-target.js';

const WARMUP_FILE = 'assets.extra/tf_serving_warmup_requests';

/**
 * Reads the Predict requests of a version's warm-up file, which its clients' requests are like. Empty without the file.
 *
 * @param signatureName only those of this signature; empty: of any
 * @throws ServingError `DATA_LOSS` for a file of another form, `INVALID_ARGUMENT` for a record that does not parse.
 */
export async function readWarmupRequests(directory: string, signatureName: string): Promise<readonly BenchRequest[]> {
  const path = resolve(directory, WARMUP_FILE);
  const requests: BenchRequest[] = [];
  let number = 0;
  for (const record of readTfRecords(await readIfExists(path), path)) {
    number++;
    try {
      const log = decodePredictionLog(record);
      if (log?.type !== 'predict') continue;
      const { modelSpec, inputs } = decodePredictRequestMessage(log.request);
      const signature = modelSpec?.signatureName ?? '';
      if (signatureName !== '' && signature !== signatureName) continue;
      const tensors = Object.entries(inputs).map(([name, proto]) => [name, proto.toTensor(name)] as const);
      requests.push({ signatureName: signature, inputs: Object.fromEntries(tensors) });
    } catch (cause) {
      const { message } = ServingError.from(cause);
      throw ServingError.invalidArgument(`Record ${number} of ${path} does not parse: ${message}`, { cause });
    }
  }
  return requests;
}

async function readIfExists(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return new Uint8Array(0);
    throw new ServingError(fileErrorCode(cause), `Can't read ${path}: ${message}`, { cause });
  }
}
