import { ServingError } from '@serving/core';
import type { SavedModelRuntime, Session, SessionOptions } from '@serving/engine';
import { describe, expect, it } from 'vitest';
import { autoRuntime } from './auto-runtime.js';

const session: Session = { prepare: () => ({ run: () => [] }), close: async () => undefined };
const refusal = new ServingError('UNIMPLEMENTED', 'Svd (node Svd): no ONNX operator');

function fake(name: string, load: () => Promise<Session> = async () => session): SavedModelRuntime {
  const description = { name, libraryVersion: '1', libraryPath: `/${name}`, devices: [] };
  return { name, load, describe: async () => description, estimateBytes: async () => 0 };
}

function auto(hasTensorFlow: () => boolean, onnx = fake('onnx'), tensorflow = fake('tensorflow')) {
  return autoRuntime({
    tensorflow: async () => tensorflow,
    onnx: async () => onnx,
    hasTensorFlow: async () => hasTensorFlow(),
  });
}

describe('autoRuntime', () => {
  it.each([
    [true, 'tensorflow'],
    [false, 'onnx'],
  ])('loads with TensorFlow exactly where its library is: %s', async (hasTensorFlow, engine) => {
    const runtime = auto(() => hasTensorFlow);
    expect((await runtime.load('/m', ['serve'], {})).engine).toBe(engine);
    expect((await runtime.describe()).name).toBe(engine);
  });

  it('looks for TensorFlow once, and again for a model that ONNX Runtime refuses', async () => {
    let lookUps = 0;
    let isRefused = false;
    const onnx = fake('onnx', async () => {
      if (isRefused) throw refusal;
      return session;
    });
    const runtime = auto(() => {
      lookUps++;
      return false;
    }, onnx);
    await runtime.load('/m', ['serve'], {});
    await runtime.load('/m', ['serve'], {});
    expect(lookUps).toBe(1);
    isRefused = true;
    await expect(runtime.load('/m', ['serve'], {})).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    expect(lookUps).toBe(2);
  });

  it('gives a model that ONNX Runtime refuses to TensorFlow, once that is installed', async () => {
    let isInstalled = false;
    const onnx = fake('onnx', async () => {
      isInstalled = true;
      throw refusal;
    });
    expect((await auto(() => isInstalled, onnx).load('/m', ['serve'], {})).engine).toBe('tensorflow');
  });

  it('rejects a refused model with the reasons and the command that installs TensorFlow', async () => {
    const loading = auto(
      () => false,
      fake('onnx', () => Promise.reject(refusal)),
    ).load('/m', ['serve'], {});
    await expect(loading).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: `${refusal.message}\nTensorFlow's library is not installed; \`npx serving-engine install tensorflow\` brings it.`,
    });
  });

  it('rejects with the error of a damaged model as it is', async () => {
    const damaged = new ServingError('DATA_LOSS', 'checkpoint has no tensor "w"');
    const loading = auto(
      () => false,
      fake('onnx', () => Promise.reject(damaged)),
    ).load('/m', ['serve'], {});
    await expect(loading).rejects.toBe(damaged);
  });

  it('tells TensorFlow the options of sessions before the first', async () => {
    const configured: SessionOptions[] = [];
    const tensorflow = { ...fake('tensorflow'), configure: (options: SessionOptions) => void configured.push(options) };
    const runtime = auto(() => true, fake('onnx'), tensorflow);
    runtime.configure?.({ intraOpThreads: 1 });
    await runtime.load('/m', ['serve'], {});
    expect(configured).toEqual([{ intraOpThreads: 1 }]);
  });

  it('returns the engines by name', async () => {
    const runtime = auto(() => false);
    expect((await runtime.engineNamed('tensorflow'))?.name).toBe('tensorflow');
    expect((await runtime.engineNamed('onnx'))?.name).toBe('onnx');
    expect(runtime.engineNamed('tfjs-node')).toBeUndefined();
  });
});
