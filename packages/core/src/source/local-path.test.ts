import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.js';

describe('localPath', () => {
  it.each([
    ['/models/m', '/models/m'],
    ['models/m', 'models/m'],
    ['models/~m', 'models/~m'],
    ['./~m', './~m'],
    ['a:b/m', 'a:b/m'],
    ['file:///models/m', '/models/m'],
    ['FILE:///models/m', '/models/m'],
    ['file://localhost/models/m', '/models/m'],
    ['file:///models/my%20m/', '/models/my m/'],
    ['file:///models/100%/a#b?c', '/models/100%/a#b?c'],
  ])('makes of %s %s', (path, expected) => {
    expect(localPath(path)).toBe(expected);
  });

  it('reads every URL that Node makes of an absolute path', () => {
    const names = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/[/\0]/.test(name)));
    fc.assert(
      fc.property(names, (parts) => {
        const url = pathToFileURL(`/${parts.join('/')}`);
        expect(localPath(url.href)).toBe(decodeURIComponent(url.pathname));
      }),
    );
  });

  const fix =
    'mount or copy what is there and name that folder, or pass a storage, and a platform whose loaders fetch from it';
  it.each([
    ['s3://bucket/m', `"s3://bucket/m": s3:// is not supported by the local file system: ${fix}`],
    ['gs://bucket/m', `"gs://bucket/m": gs:// is not supported by the local file system: ${fix}`],
    ['HDFS://host/m', `"HDFS://host/m": hdfs:// is not supported by the local file system: ${fix}`],
    ['files:///m', `"files:///m": files:// is not supported by the local file system: ${fix}`],
    ['~/m', '"~/m": only shells expand "~": write the home folder out, or "./~" for a folder of that name'],
    ['~user/m', '"~user/m": only shells expand "~": write the home folder out, or "./~" for a folder of that name'],
    ['file://host/m', '"file://host/m": expected an absolute path of this machine, file:///folder/model'],
    ['file:///a%2Fb', '"file:///a%2Fb": expected an absolute path of this machine, file:///folder/model'],
  ])('refuses %s and says what to do', (path, message) => {
    expect(() => localPath(path)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });
});
