/** Sends the requests of a target over connections that are kept. */
import { Agent, type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { OpenInferenceGrpcClient } from '@serving/open-inference/client-grpc';
import type { BenchRequest, BenchTarget } from './bench-target.js';
import type { Send } from './load-loop.js';

/** Sends requests until it is closed. */
export interface BenchSender {
  readonly send: Send;
  /** Bytes of a request. `undefined` over gRPC. */
  readonly bytes: number | undefined;
  close(): void;
}

interface Body {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * @param given what to send in turn: requests, or bodies in JSON
 * @throws ServingError `INVALID_ARGUMENT` for inputs that JSON has no form for, and for bodies to send over gRPC.
 */
export async function createSender(
  target: BenchTarget,
  given: readonly (BenchRequest | string)[],
  connections: number,
): Promise<BenchSender> {
  if (target.protocol === 'grpc') return grpcSender(target, given, connections);
  const bodies = await Promise.all(given.map((one) => (typeof one === 'string' ? jsonBody(one) : bodyOf(target, one))));
  return httpSender(target, bodies, connections);
}

/** One thread of a server has all calls of a connection. */
const CALLS_PER_CONNECTION = 8;

function grpcSender(
  { origin, model, version }: BenchTarget,
  given: readonly (BenchRequest | string)[],
  callsAtOnce: number,
): BenchSender {
  const requests = given.map((one) => {
    if (typeof one === 'string') {
      throw ServingError.invalidArgument('--data has bodies of JSON: choose another --protocol');
    }
    const { signatureName, inputs } = one;
    return {
      model,
      inputs,
      ...(version !== undefined && { version }),
      ...(signatureName !== '' && { signatureName }),
    };
  });
  const clients = Array.from(
    { length: Math.ceil(callsAtOnce / CALLS_PER_CONNECTION) },
    () => new OpenInferenceGrpcClient(origin, { retries: 0 }),
  );
  return {
    bytes: undefined,
    async send(index) {
      await clients[index % clients.length]!.infer(requests[index % requests.length]!);
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

function httpSender(
  { origin, model, version, protocol }: BenchTarget,
  bodies: readonly Body[],
  connections: number,
): BenchSender {
  const at = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  const name = encodeURIComponent(model);
  const path = protocol === 'rest' ? `/v1/models/${name}${at}:predict` : `/v2/models/${name}${at}/infer`;
  const { hostname, port, protocol: scheme } = new URL(origin);
  const isTls = scheme === 'https:';
  const agent = isTls ? undefined : new Agent({ keepAlive: true, maxSockets: connections });
  const request = isTls ? httpsRequest : httpRequest;
  const host = hostname.replace(/^\[|\]$/g, '');
  const options: RequestOptions = { host, port, path, method: 'POST', ...(agent && { agent }) };
  return {
    bytes: bodies[0]?.bytes.length,
    send(index) {
      const { bytes, headers } = bodies[index % bodies.length]!;
      const length = { 'Content-Length': String(bytes.length), 'Accept-Encoding': 'identity' };
      return answered(request({ ...options, headers: { ...headers, ...length } }), bytes);
    },
    close: () => agent?.destroy(),
  };
}

function answered(request: ClientRequest, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      const isOk = response.statusCode === 200;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        if (!isOk) chunks.push(chunk);
      });
      response.on('end', () => {
        if (isOk) resolve();
        else reject(new ServingError('UNKNOWN', `status ${response.statusCode}: ${Buffer.concat(chunks)}`));
      });
    });
    request.end(body);
  });
}

function jsonBody(text: string): Body {
  return { bytes: Buffer.from(text), headers: { 'Content-Type': 'application/json' } };
}

async function bodyOf(target: BenchTarget, request: BenchRequest): Promise<Body> {
  if (target.protocol === 'rest') return jsonBody(restBody(request));
  // What the client of this project would send.
  let sent: RequestInit | undefined;
  const client = new OpenInferenceClient(target.origin, {
    binary: target.protocol === 'v2-binary',
    fetch: async (_, init) => {
      sent = init;
      return new Response('{"model_name":"","outputs":[]}');
    },
  });
  const { inputs, signatureName } = request;
  await client.infer({ model: target.model, inputs, ...(signatureName !== '' && { signatureName }) });
  return { bytes: sent!.body as Uint8Array, headers: sent!.headers as Record<string, string> };
}

function restBody({ signatureName, inputs }: BenchRequest): string {
  const values = Object.entries(inputs).map(([name, tensor]) => `${JSON.stringify(name)}:${nestedJson(name, tensor)}`);
  const signature = signatureName === '' ? '' : `"signature_name":${JSON.stringify(signatureName)},`;
  return `{${signature}"inputs":{${values.join(',')}}}`;
}

function nestedJson(name: string, { dtype, shape, data }: Tensor): string {
  if (dtype === 'half' || dtype === 'bfloat16' || dtype === 'complex64' || dtype === 'complex128') {
    throw ServingError.invalidArgument(
      `Input "${name}" is ${dtype}, which JSON has no form for: choose another --protocol`,
    );
  }
  const isFloat = dtype === 'float' || dtype === 'double';
  let items =
    data instanceof StringArray
      ? data.toStrings().map((text) => JSON.stringify(text))
      : Array.from(data as Float64Array, (value) =>
          dtype === 'bool' ? String(Boolean(value)) : isFloat && Number.isInteger(value) ? `${value}.0` : String(value),
        );
  for (const size of shape.slice(1).toReversed()) {
    items = Array.from({ length: items.length / size }, (_, i) => `[${items.slice(i * size, (i + 1) * size)}]`);
  }
  return shape.length === 0 ? items[0]! : `[${items}]`;
}
