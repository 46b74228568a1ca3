import { describe, expect, it } from 'vitest';
import { parseSslConfig } from './ssl-config.js';

describe('parseSslConfig', () => {
  it('gives the PEM texts, lines joined as the file has them', () => {
    const text = `
      server_key: "-----BEGIN KEY-----\\n"
                  "abc\\n"
      server_cert: 'cert'
      custom_ca: 'ca'
      client_verify: true`;
    expect(parseSslConfig(text, 'ssl.cfg')).toEqual({
      serverKey: '-----BEGIN KEY-----\nabc\n',
      serverCert: 'cert',
      customCa: 'ca',
      clientVerify: true,
    });
  });

  it('has defaults for what the file leaves out', () => {
    expect(parseSslConfig('', 'f')).toEqual({ serverKey: '', serverCert: '', customCa: '', clientVerify: false });
  });

  it('refuses an unknown field, naming the file', () => {
    expect(() => parseSslConfig('server_keys: ""', 'ssl.cfg')).toThrow("Invalid protobuf file: 'ssl.cfg'");
  });
});
