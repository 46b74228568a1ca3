import { describe, expect, it } from 'vitest';
import { parseMonitoringConfig } from './monitoring-config.js';

describe('parseMonitoringConfig', () => {
  it.each([
    ['', {}],
    ['prometheus_config {}', { prometheusConfig: { enable: false, path: '' } }],
    ['prometheus_config: { enable: true, path: "/m" }', { prometheusConfig: { enable: true, path: '/m' } }],
  ])('reads %j', (text, expected) => {
    expect(parseMonitoringConfig(text, 'f')).toEqual(expected);
  });

  it('refuses an unknown field, naming the file', () => {
    expect(() => parseMonitoringConfig('prometheus { }', 'monitoring.config')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining("Invalid protobuf file: 'monitoring.config'"),
      }),
    );
  });
});
