/** The flag `--saved_model_tags` of commands that read a SavedModel. */
import { type Flag, stringFlag } from '@serving/engine/command';

export const savedModelTagsFlag: Flag<string> = stringFlag('serve', 'Tags of the meta graph, separated by commas.');
