import { ServingError } from '@serving/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfigText } from './config-text.js';
import { textFormatErrorLine } from './text-format-error.js';

const lineOf = (text: string): string | undefined => {
  try {
    parseConfigText('tensorflow.serving.ModelServerConfig', text, 'f');
    return undefined;
  } catch (error) {
    return textFormatErrorLine(ServingError.from(error).prefixed('Again: '));
  }
};
const head = 'Error parsing text-format tensorflow.serving.ModelServerConfig: ';

describe('textFormatErrorLine', () => {
  it.each([
    [
      'model_config_lis {}',
      '1:1: Message type "tensorflow.serving.ModelServerConfig" has no field named "model_config_lis".',
    ],
    [
      'model_config_list {\n  config {\n    nmae: "x"\n  }\n}',
      '3:5: Message type "tensorflow.serving.ModelConfig" has no field named "nmae".',
    ],
    [
      '# config {\nmodel_config_list {\tconfig: { # }\n\tbase_path: "模型#" nmae: "x" } }',
      '3:30: Message type "tensorflow.serving.ModelConfig" has no field named "nmae".',
    ],
    ['model_config_list { config { name: 7 } }', '1:36: expected string'],
    ['model_config_list { config { name "x" } }', "1:35: expected ':'"],
    [
      'model_config_list {\n config { name: "x" name: "y" } }',
      '2:27: .tensorflow.serving.ModelConfig.name: multiple values',
    ],
    [
      'model_config_list { config { model_type: TORCH } }',
      '1:42: .tensorflow.serving.ModelConfig.modelType: enum value expected',
    ],
    ['model_config_list { config { model_version_policy { specific { versions: [1 2] } } } }', "1:77: expected ']'"],
    [
      'model_config_list { config { model_version_policy { specific { versions: 9223372036854775808 } } } }',
      '1:74: integer value out of range',
    ],
    ['model_config_list { config { name: "x\n } }', '1:36: illegal string'],
    ['model_config_list {\n  config {\n', "3:1: expected '}'"],
    ['model_config_list { } }', "1:23: illegal field name '}'"],
    ['  =', "1:3: illegal field name '='"],
  ])('of %j', (text, expected) => {
    expect(lineOf(text)).toBe(head + expected);
  });

  it('is not there for errors of another cause', () => {
    expect(textFormatErrorLine(new ServingError('INTERNAL', 'x', { cause: new Error('y') }))).toBeUndefined();
    expect(textFormatErrorLine(undefined)).toBeUndefined();
  });

  it('names the place of a typo wherever it is, in a file of any length', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (before, after) => {
        const config = '  config { name: "m" base_path: "/m" model_platform: "tensorflow" } # }\n';
        const text = `model_config_list {\n${config.repeat(before)}  config { nmae: "x" }\n${config.repeat(after)}}\n`;
        expect(lineOf(text)).toContain(`${head}${before + 2}:12: Message type`);
      }),
      { numRuns: 20 },
    );
  });
});
