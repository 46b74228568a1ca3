/** What `serving warmup` takes. */
import { type CommandSpec, fileFlag, folderFlag, usualExitCodes } from '@serving/engine/command';
import { savedModelTagsFlag } from '../saved-model-tags-flag.js';

export interface WarmupFlags {
  readonly model_dir: string;
  readonly requests: string;
  readonly saved_model_tags: string;
}

export const warmupSpec: CommandSpec<WarmupFlags> = {
  name: 'warmup',
  summary: "Writes a version's assets.extra/tf_serving_warmup_requests from requests in JSON.",
  flags: {
    model_dir: folderFlag("The version's folder, the one with saved_model.pb."),
    requests: fileFlag('A list of REST bodies: [{"instances": [...]}, {"method": "classify", "examples": [...]}].'),
    saved_model_tags: savedModelTagsFlag,
  },
  required: ['model_dir', 'requests'],
  examples: ['warmup --model_dir=./models/digits/1 --requests=requests.json'],
  exitCodes: usualExitCodes,
};
