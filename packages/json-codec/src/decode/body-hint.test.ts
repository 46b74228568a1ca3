import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../signature.test-support.js';
import { decodeClassificationRequest } from './examples/examples-request-decoder.js';
import { decodePredictRequest, decodePredictRequestInSlices } from './predict-request-decoder.js';

const resolve = () => signatureOf({ x: 'float' });

function hintOf(decode: () => unknown): string | undefined {
  try {
    decode();
  } catch (error) {
    return ServingError.from(error).clientHint;
  }
  return 'decoded';
}

const forms = '{"instances": [EXAMPLE, …]} or {"inputs": TENSOR}';
const form = `The body is a form, not JSON: send JSON, such as ${forms}. With Python's requests: json=body in place of data=body`;

describe('the hint for a predict body', () => {
  it.each<[string, string, string | undefined]>([
    ['nothing', '', `The body is empty, or gzip that is not intact: send JSON, such as ${forms}`],
    ['white space', ' \n', `The body is empty, or gzip that is not intact: send JSON, such as ${forms}`],
    ['a form', 'instances=1&instances=2', form],
    ['a form in parts', '--3f2a\r\nContent-Disposition: form-data; name="instances"\r\n\r\n[1]\r\n--3f2a--', form],
    [
      'a printed dict of Python',
      "{'instances': [1]}",
      "JSON has double quotes. {'…'} is Python's own form: send json.dumps(body), or requests.post(url, json=body)",
    ],
    [
      'JSON in a string',
      '"{\\"instances\\": [1]}"',
      'The body is a string that holds JSON: it was encoded twice. With Python: json=body or data=json.dumps(body), not both',
    ],
    ['a list alone', '[[1, 2]]', `The body is an object: ${forms}`],
    ['another text', 'hello', undefined],
    ['a misspelt key', '{"instance": [1]}', `Did you mean "instances"? A body is ${forms}`],
    ['a shortened key', '{"input": [1]}', `Did you mean "inputs"? A body is ${forms}`],
    ['a key of another API', '{"data": [1]}', `Did you mean "instances"? A body is ${forms}`],
    ['no key of ours', '{"image": [1]}', `A body is ${forms}`],
    [
      'both forms',
      '{"instances": [1], "inputs": [1]}',
      'Send one of them: "instances" is a list with one entry for each example, "inputs" the whole tensor of each input',
    ],
    [
      'a key in the place of signature_name, with inputs that do not fit',
      '{"signature": "bytes", "instances": ["a"]}',
      'The key "signature" is ignored: did you mean "signature_name"?',
    ],
    ['such a key, with inputs that fit', '{"signature": "bytes", "instances": [1]}', 'decoded'],
    ['inputs that do not fit', '{"instances": ["a"]}', undefined],
  ])('that is %s', (_, body, hint) => {
    expect(hintOf(() => decodePredictRequest(Buffer.from(body), resolve))).toBe(hint);
  });

  it('is there too where the body is read in slices', () => {
    const work = decodePredictRequestInSlices(Buffer.from('{"instance": [1]}'), resolve);
    const hint = hintOf(() => {
      while (!work.step());
    });
    expect(hint).toBe(`Did you mean "instances"? A body is ${forms}`);
  });
});

describe('the hint for a classify body', () => {
  it.each([
    ['', 'The body is empty, or gzip that is not intact: send JSON, such as {"examples": [{"FEATURE": VALUE}, …]}'],
    ['{"instances": [1]}', 'A body is {"examples": [{"FEATURE": VALUE}, …]}'],
    ['{"example": [1]}', 'Did you mean "examples"? A body is {"examples": [{"FEATURE": VALUE}, …]}'],
    ['{"data": [1]}', 'A body is {"examples": [{"FEATURE": VALUE}, …]}'],
  ])('that is %s', (body, hint) => {
    expect(hintOf(() => decodeClassificationRequest(Buffer.from(body)))).toBe(hint);
  });
});
