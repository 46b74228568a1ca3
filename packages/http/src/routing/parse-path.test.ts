import { describe, expect, it } from 'vitest';
import { parsePath } from './parse-path.js';

const m = { model: 'm' };

describe('parsePath of a GET', () => {
  it.each([
    ['/v1/models/m', { kind: 'status', spec: m }],
    ['/V1/Models/M', { kind: 'status', spec: { model: 'M' } }],
    ['/v1/models/m/versions/4', { kind: 'status', spec: { model: 'm', version: 4 } }],
    ['/v1/models/m/VERSIONS/007', { kind: 'status', spec: { model: 'm', version: 7 } }],
    ['/v1/models/m/labels/stable', { kind: 'status', spec: { model: 'm', label: 'stable' } }],
    ['/v1/models/m/labels/a%2Fb', { kind: 'status', spec: { model: 'm', label: 'a/b' } }],
    ['/v1/models/m/metadata', { kind: 'metadata', spec: m }],
    ['/v1/models/m/METADATA', { kind: 'status', spec: m }],
    ['/v1/models/m/versions/12/metadata', { kind: 'metadata', spec: { model: 'm', version: 12 } }],
    ['/v1/models/metadata', { kind: 'status', spec: { model: 'metadata' } }],
    ['/v1/models/metadata/metadata', { kind: 'metadata', spec: { model: 'metadata' } }],
    ['/v1/models/versions', { kind: 'status', spec: { model: 'versions' } }],
    ['/v1/models/labels/labels/x', { kind: 'status', spec: { model: 'labels', label: 'x' } }],
    ['/v1/models/m?x=1', { kind: 'status', spec: { model: 'm?x=1' } }],
    ['/v1/models/m/labels/L?x/metadata', { kind: 'metadata', spec: { model: 'm', label: 'L?x' } }],
    ['/v1/models/my%20model+1', { kind: 'status', spec: { model: 'my model+1' } }],
    ['/v1/models/%e4%b8%ad%C3%A9', { kind: 'status', spec: { model: '中é' } }],
    ['/v1/models/a%2Fb%3Ac%00', { kind: 'status', spec: { model: 'a/b:c\0' } }],
    ['/v1/models/mod%E9l', { kind: 'status', spec: { model: 'mod\udce9l' } }],
    ['/v1/models/100%25%zz%4', { kind: 'status', spec: { model: '100%%zz%4' } }],
    ['/v1/models/__proto__', { kind: 'status', spec: { model: '__proto__' } }],
    ['/v1/models', { kind: 'missing-model' }],
    ['/v1/models/versions/12', { kind: 'missing-model' }],
    ['/v1/models/labels/x/metadata', { kind: 'missing-model' }],
    ['/v1/models/versions/99999999999999999999', { kind: 'version-out-of-range', model: '' }],
    [
      '/v1/models/m/versions/9223372036854775807',
      { kind: 'status', spec: { model: 'm', version: 9223372036854775807n } },
    ],
    [
      '/v1/models/m/versions/0000000000009007199254740993',
      { kind: 'status', spec: { model: 'm', version: 9007199254740993n } },
    ],
    ['/v1/models/m/versions/9223372036854775808', { kind: 'version-out-of-range', model: 'm' }],
    ['/v1/models/m/versions/00000000000000000000000000', { kind: 'status', spec: { model: 'm', version: 0 } }],
  ])('reads %s', (target, expected) => {
    expect(parsePath('GET', target)).toEqual(expected);
  });

  it.each([
    '/v1/models/',
    '/v1/models/m/',
    '/v1/models/m/metadata/',
    '/v1/models/m/metadata?x',
    '/v1/models?',
    '/v1/models/m/version/12',
    '/v1/models/m/versions/',
    '/v1/models/m/versions/abc',
    '/v1/models/m/versions/-1',
    '/v1/models/m/versions/4?x',
    '/v1/models/m/versions/4/labels/x',
    '/v1/models/m/labels/x/versions/4',
    '/v1/models/m:predict',
    '/v1//models/m',
    '/v1/foo',
  ])('finds no pattern for %s', (target) => {
    expect(parsePath('GET', target)).toEqual({ kind: 'malformed', model: '', request: `GET ${target}` });
  });
});

describe('parsePath of a POST', () => {
  it.each([
    ['/v1/models/m:predict', { kind: 'predict', spec: m }],
    ['/v1/models/m:classify', { kind: 'classify', spec: m }],
    ['/v1/models/m:regress', { kind: 'regress', spec: m }],
    ['/V1/MODELS/m/Versions/4:predict', { kind: 'predict', spec: { model: 'm', version: 4 } }],
    ['/v1/models/m/labels/stable:predict', { kind: 'predict', spec: { model: 'm', label: 'stable' } }],
    ['/v1/models/metadata:predict', { kind: 'predict', spec: { model: 'metadata' } }],
    ['/v1/models/m/versions/99999999999999999999:predict', { kind: 'version-out-of-range', model: 'm' }],
    ['/v1/models/m/versions/99999999999999999999:PREDICT', { kind: 'version-out-of-range', model: 'm' }],
    ['/v1/models/m:PREDICT', { kind: 'malformed', model: 'm', request: 'POST /v1/models/m:PREDICT' }],
  ])('reads %s', (target, expected) => {
    expect(parsePath('POST', target)).toEqual(expected);
  });

  it.each([
    '/v1/models/m',
    '/v1/models',
    '/v1/models/:predict',
    '/v1/models/m:predict/',
    '/v1/models/m:predict?',
    '/v1/models/m:predict?x=1',
    '/v1/models/m:explain',
    '/v1/models/m/metadata',
    '/v1/models/m/versions/:predict',
    '/v1/models/m/versions/4/labels/x:predict',
    '/v1/models/./m:predict',
  ])('finds no pattern for %s', (target) => {
    expect(parsePath('POST', target)).toEqual({ kind: 'malformed', model: '', request: `POST ${target}` });
  });
});
