/** `serving warmup`: the warm-up requests of a version. */
import type { Output } from '@serving/engine/command';
import { writeWarmupRecords } from '@serving/savedmodel';
import { readText } from '../../model-server/config-files.js';
import { commandFailure } from '../command-failure.js';
import type { WarmupFlags } from './warmup-spec.js';

/** Returns the exit code: 0, or 1 with the reason on stderr. */
export async function warmup(flags: WarmupFlags, { stdout, stderr }: Output): Promise<number> {
  const { model_dir: directory, requests: file, saved_model_tags: tags } = flags;
  try {
    const json = await readText(file);
    const { path, records } = await writeWarmupRecords(directory, json, file, { tags: tags.split(',') });
    stdout.write(`${path} has ${records} ${records === 1 ? 'record' : 'records'}\n`);
    return 0;
  } catch (error) {
    stderr.write(commandFailure('warmup', error));
    return 1;
  }
}
