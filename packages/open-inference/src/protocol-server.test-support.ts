/** A server of the protocol on a socket, with small models, and a client that sends exactly what it is given. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type ModelServer, ServingError } from '@serving/core';
import { StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { RestServer, type RestServerOptions } from '@serving/http';
import {
  type FakeServable,
  fakeServable,
  type Gate,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '@serving/testing';
import { onTestFinished } from 'vitest';
import * as extension from './extension.js';
import type { OpenInferenceOptions } from './options.js';

/** An answer, as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

const vector = { dtype: 'float', shape: [-1, 1] } as const;

/** `x / 2 + 2`. */
export function halfPlusTwo(): FakeServable {
  return fakeServable({
    inputs: { x: vector },
    outputs: { y: vector },
    run: ({ x }) => ({ y: { ...x, data: x.data.map((value) => value / 2 + 2) } }),
  });
}

/** Two inputs and two outputs; `scalar`, `blob`, and `boom`, whose runs fail. */
export function multi(): FakeServable {
  return fakeServable({
    inputs: { a: { dtype: 'float', shape: [-1, 3] }, b: { dtype: 'int32', shape: [-1] } },
    outputs: { twice: { dtype: 'float', shape: [-1] }, sum: { dtype: 'float', shape: [-1] } },
    run: ({ a, b }) => {
      const sum = Float32Array.from(
        b.data,
        (value, i) => a.data[3 * i]! + a.data[3 * i + 1]! + a.data[3 * i + 2]! + value,
      );
      return { sum, twice: sum.map((value) => 2 * value) };
    },
  })
    .withSignature('scalar', {
      inputs: { s: { dtype: 'float', shape: [] } },
      outputs: { half: { dtype: 'float', shape: [] } },
      run: ({ s }) => ({ half: s.data[0]! / 2 }),
    })
    .withSignature('blob', {
      inputs: { img: { dtype: 'string', shape: [-1] } },
      outputs: { out_bytes: { dtype: 'string', shape: [-1] }, len: { dtype: 'int32', shape: [-1] } },
      run: ({ img }) => ({
        out_bytes: img,
        len: Int32Array.from({ length: img.data.length }, (_, i) => img.data.at(i).length),
      }),
    })
    .withSignature('boom', {
      inputs: { x: vector },
      outputs: { y: vector },
      run: () => {
        throw new ServingError('INTERNAL', 'boom');
      },
    });
}

const DTYPES = [
  ...['float', 'double', 'half', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'],
  ...['bool', 'string', 'complex64', 'qint8', 'quint16'],
] as const;

/** `id_TYPE` returns its input, of any shape; the default signature is that of `float`. */
export function identities(): FakeServable {
  const identity = (dtype: string) => ({
    inputs: { x: dtype as TensorDataType },
    outputs: { y: dtype as TensorDataType },
    run: ({ x }: { readonly x: Tensor }) => ({ y: x }),
  });
  const servable = fakeServable(identity('float'));
  for (const dtype of DTYPES) servable.withSignature(`id_${dtype}`, identity(dtype));
  return servable;
}

/** A model whose runs wait for a gate. */
export function gated(gate: Gate): FakeServable {
  return fakeServable({
    inputs: { x: vector },
    outputs: { y: vector },
    run: async ({ x }) => {
      await gate.opened;
      return { y: x };
    },
  });
}

/** What a protocol server is started with. */
export interface ProtocolServerOptions extends Partial<TestServerOptions> {
  readonly rest?: Omit<RestServerOptions, 'port'>;
  readonly openInference?: OpenInferenceOptions;
}

/** A started server. */
export class ProtocolServer {
  readonly test: TestServer;
  readonly server: ModelServer;
  readonly rest: RestServer;

  private constructor(test: TestServer, rest: RestServer) {
    this.test = test;
    this.server = test.server;
    this.rest = rest;
  }

  static async start({ rest, openInference: own, ...options }: ProtocolServerOptions = {}): Promise<ProtocolServer> {
    const versionLabels = { stable: 123, canary: 124 };
    const versions = { 123: halfPlusTwo(), 124: halfPlusTwo() };
    const test = await startTestServer({
      models: {
        H: { versions, versionPolicy: { all: {} }, versionLabels },
        M: multi(),
        D: identities(),
      },
      ...options,
    });
    const listener = await RestServer.listen(test.server, {
      port: 0,
      extensions: [{ module: extension, options: own }],
      ...rest,
    });
    return new ProtocolServer(test, listener);
  }

  /** As {@link ProtocolServer.start}, closed at the end of the test. */
  static async during(options: ProtocolServerOptions = {}): Promise<ProtocolServer> {
    const server = await ProtocolServer.start(options);
    onTestFinished(() => server.close());
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.rest.port}`;
  }

  async send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const options = { host: '127.0.0.1', port: this.rest.port, method, path, headers, agent: false };
    const request = httpRequest(options).end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return { status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  /** Infers with a body of JSON, given as a text or as a value. */
  infer(model: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send('POST', `/v2/models/${model}/infer`, text, headers);
  }

  /** Infers with JSON and binary tensors behind it. */
  inferBinary(
    model: string,
    json: unknown,
    tails: readonly Uint8Array[],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const length = { 'Inference-Header-Content-Length': String(text.length) };
    const body = Buffer.concat([text, ...tails]);
    return this.send('POST', `/v2/models/${model}/infer`, body, { ...length, ...headers });
  }

  async close(): Promise<void> {
    await this.rest.close();
    await this.test.close();
  }
}

/** The input `x` of half plus two. */
export function x(data: unknown, shape: readonly unknown[] = [3, 1], more: object = {}): object {
  return { inputs: [{ name: 'x', shape, datatype: 'FP32', data, ...more }] };
}

/** The bytes of a typed array. */
export function bytesOf(values: ArrayBufferView): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** BYTES elements with their lengths. */
export function elements(...values: readonly (string | Uint8Array)[]): Buffer {
  const strings = StringArray.from(values);
  return Buffer.concat(
    Array.from({ length: strings.length }, (_, i) => {
      const element = strings.at(i);
      return Buffer.concat([bytesOf(Uint32Array.of(element.length)), element]);
    }),
  );
}
