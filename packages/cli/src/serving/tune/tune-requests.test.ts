import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWarmupRecords } from '@serving/savedmodel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWarmupRequests } from './tune-requests.js';

const halfPlusTwo = fileURLToPath(new URL('../../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serving-tune-requests-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readWarmupRequests', () => {
  it('reads the predict requests of a warm-up file', async () => {
    const directory = join(folder, '1');
    cpSync(halfPlusTwo, directory, { recursive: true });
    const requests = [
      { inputs: { x: [1, 2] } },
      { method: 'classify', signature_name: 'classify_x_to_y', examples: [{ x: 1 }] },
      { signature_name: 'serving_default', inputs: { x: [5] } },
    ];
    await writeWarmupRecords(directory, JSON.stringify(requests), 'requests.json', { tags: ['serve'] });
    expect(await readWarmupRequests(directory, '')).toMatchObject([
      { signatureName: '', inputs: { x: { shape: [2], data: Float32Array.of(1, 2) } } },
      { signatureName: 'serving_default', inputs: { x: { shape: [1], data: Float32Array.of(5) } } },
    ]);
    expect(await readWarmupRequests(directory, 'serving_default')).toHaveLength(1);
  });

  it('finds none without the file', async () => {
    expect(await readWarmupRequests(folder, '')).toEqual([]);
  });

  it('refuses a file of something else', async () => {
    mkdirSync(join(folder, 'assets.extra'));
    writeFileSync(join(folder, 'assets.extra/tf_serving_warmup_requests'), 'not records at all');
    await expect(readWarmupRequests(folder, '')).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});
