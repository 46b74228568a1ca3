import { expect, it } from 'vitest';
import { withoutPlace } from './without-place.js';

it.each([
  [
    'Exception during initialization: /onnxruntime_src/onnxruntime/core/providers/cpu/ml/ml_common.h:95 ' +
      'onnxruntime::ml::POST_EVAL_TRANSFORM onnxruntime::ml::MakeTransform(const std::string&) Unexpected value for post_eval_transform',
    'Unexpected value for post_eval_transform',
  ],
  [
    '/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::ModelOptions&) ' +
      'Unsupported model IR version: 15, max supported IR version: 13\n',
    'Unsupported model IR version: 15, max supported IR version: 13',
  ],
  [
    'non_max_suppression_helper.h:109 PrepareCompute boxes and scores should have same spatial_dimension.',
    'boxes and scores should have same spatial_dimension.',
  ],
  ['Error: Duplicate definition-site for (X).', 'Error: Duplicate definition-site for (X).'],
])('%s loses the place in the source', (text, told) => {
  expect(withoutPlace(text)).toBe(told);
});
