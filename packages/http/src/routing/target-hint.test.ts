import { describe, expect, it } from 'vitest';
import { malformedTargetHint } from './target-hint.js';

describe('malformedTargetHint', () => {
  it.each([
    ['POST', '/v1/models/m/predict', 'Did you mean POST /v1/models/m:predict?'],
    ['POST', '/v1/models/m/versions/3/predict', 'Did you mean POST /v1/models/m/versions/3:predict?'],
    ['POST', '/v1/models/m/3:predict', 'Did you mean POST /v1/models/m/versions/3:predict?'],
    ['POST', '/v1/models/m/version/3:predict', 'Did you mean POST /v1/models/m/versions/3:predict?'],
    ['POST', '/v1/models/m/label/stable:predict', 'Did you mean POST /v1/models/m/labels/stable:predict?'],
    ['POST', '/v1/models/m:predit', 'Did you mean POST /v1/models/m:predict?'],
    ['POST', '/v1/models/m:PREDICT', 'Did you mean POST /v1/models/m:predict?'],
    ['POST', '/v1/models/m:predict/', 'Did you mean POST /v1/models/m:predict?'],
    ['POST', '/v1/models/m:predict?pretty', 'Did you mean POST /v1/models/m:predict?'],
    ['POST', '/v1/models/m', 'POST needs a verb behind the model: /v1/models/m:predict'],
    ['POST', '/v1/models/m/metadata', 'POST needs a verb behind the model: /v1/models/m:predict'],
    [
      'GET',
      '/v1/models/m:predict',
      `/v1/models/m:predict is for POST, with a JSON body: curl -d '{"instances": [EXAMPLE]}' http://HOST/v1/models/m:predict`,
    ],
    [
      'PUT',
      '/v1/models/m/predict',
      `/v1/models/m:predict is for POST, with a JSON body: curl -d '{"instances": [EXAMPLE]}' http://HOST/v1/models/m:predict`,
    ],
    ['GET', '/v1/models/m/version/3', 'Did you mean GET /v1/models/m/versions/3?'],
    ['GET', '/v1/models/m/meta', 'Did you mean GET /v1/models/m/metadata?'],
    ['GET', '/v1/models/m/', 'Did you mean GET /v1/models/m?'],
    ['GET', '/v1/models/', 'Name the model: GET /v1/models/MODEL, or POST /v1/models/MODEL:predict'],
    ['GET', '/v1/models/m/what/else', undefined],
    ['GET', `/v1/models/${'m'.repeat(300)}/predict`, undefined],
    [
      'DELETE',
      '/v1/models/m',
      'The REST API has GET for status and metadata, and POST for :predict, :classify and :regress',
    ],
  ])('says of %s %s: %s', (method, target, hint) => {
    expect(malformedTargetHint(method, target)).toBe(hint);
  });
});
