/** Hints of errors name options of the API; a command says what it has in their place. */
import { MODEL_LIST, OR_UNVERSIONED, WITH_ONNX_PLATFORM } from '@serving/core/internal';

/** What stands in the place of an option, or nothing where the command finds out by itself. */
export interface HintWords {
  readonly onnxPlatform: string;
  readonly unversioned: string;
  readonly modelList: string;
}

/** Of `tensorflow_model_server` with a base path. */
export const flagWords: HintWords = {
  onnxPlatform: ' with --model_platform=onnx',
  unversioned: ', or serve it as version 1 with --unversioned_base_path',
  modelList: '--model_config_file',
};

/** Of `tensorflow_model_server` with a list of models. */
export function configFileWords(file: string): HintWords {
  return {
    onnxPlatform: ` with model_platform: 'onnx' in ${file}`,
    unversioned: '',
    modelList: `a config of its own in ${file}`,
  };
}

/** Of commands that find models, or read one. */
export const commandWords: HintWords = { onnxPlatform: '', unversioned: '', modelList: '`serving serve`' };

/** A text, perhaps with hints in it, in the words of a command. */
export function inWordsOf({ onnxPlatform, unversioned, modelList }: HintWords, text: string): string {
  return text
    .replaceAll(WITH_ONNX_PLATFORM, () => onnxPlatform)
    .replaceAll(OR_UNVERSIONED, () => unversioned)
    .replaceAll(MODEL_LIST, () => modelList);
}
