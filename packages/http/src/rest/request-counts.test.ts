import { describe, expect, it } from 'vitest';
import { RequestCounts } from './request-counts.js';

describe('RequestCounts', () => {
  it('prints its counts by model and status', () => {
    const metrics = new RequestCounts();
    metrics.count('a"\\', 'OK');
    metrics.count('a"\\', 'OK');
    metrics.count('', 'INVALID_ARGUMENT');
    expect(metrics.metrics()).toBe(
      `# TYPE :tensorflow:serving:request_count counter
:tensorflow:serving:request_count{model_name="a\\"\\\\",status="OK"} 2
:tensorflow:serving:request_count{model_name="",status="INVALID_ARGUMENT"} 1
`,
    );
  });

  it('keeps a name with line feeds on its line', () => {
    const metrics = new RequestCounts();
    metrics.count('a\nforged{} 1', 'NOT_FOUND');
    expect(metrics.metrics().split('\n')).toEqual([
      '# TYPE :tensorflow:serving:request_count counter',
      ':tensorflow:serving:request_count{model_name="a\\nforged{} 1",status="NOT_FOUND"} 1',
      '',
    ]);
  });

  it('counts very long names together', () => {
    const metrics = new RequestCounts();
    for (const name of ['x', 'y']) metrics.count(name.repeat(257), 'NOT_FOUND');
    expect(metrics.metrics()).toContain('{model_name="",status="NOT_FOUND"} 2\n');
  });

  it('counts names beyond the thousandth together', () => {
    const metrics = new RequestCounts();
    for (let i = 0; i < 1500; i++) metrics.count(`m${i}`, 'NOT_FOUND');
    const lines = metrics.metrics().trimEnd().split('\n');
    expect(lines).toHaveLength(1002);
    expect(lines.at(-1)).toBe(':tensorflow:serving:request_count{model_name="",status="NOT_FOUND"} 500');
  });
});
