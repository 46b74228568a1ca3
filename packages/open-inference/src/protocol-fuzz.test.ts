import { deflateSync, gzipSync } from 'node:zlib';
import { GrpcServer } from '@serving/grpc';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as extension from './extension.js';
import { encodeMessage, ProtocolClient } from './grpc/protocol-client.test-support.js';
import { type Datatype, dtypeOf } from './infer/datatype.js';
import { bytesOf, elements, ProtocolServer, x } from './protocol-server.test-support.js';

/** The same cases in each run. */
const seed = 20_241_130;
const numRuns = Number(process.env.FUZZ_CASES ?? 150);
/** Those of a run with few cases; `FUZZ_CASES=100000` takes minutes. */
const MILLISECONDS = numRuns > 1000 ? 3_600_000 : 60_000;

let server: ProtocolServer;
let grpcServer: GrpcServer;
let client: ProtocolClient;
beforeAll(async () => {
  server = await ProtocolServer.start();
  grpcServer = await GrpcServer.listen(server.server, { port: 0, extensions: [{ module: extension }] });
  client = new ProtocolClient(grpcServer.port!);
});
afterAll(async () => {
  client.close();
  await grpcServer.close();
  await server.close();
});

const valid = [
  JSON.stringify(x([[1], [2], [5]])),
  JSON.stringify({ id: 'é', ...x([1.5, -2e3, 5]), outputs: [{ name: 'y', parameters: { binary_data: true } }] }),
  JSON.stringify({
    parameters: { signature_name: 'blob', timeout: 1_000_000 },
    inputs: [{ name: 'img', shape: [2], datatype: 'BYTES', data: ['a\u0000"', '😀'] }],
  }),
];
const binaryJson = Buffer.from(
  JSON.stringify({ inputs: [{ name: 'x', shape: [3, 1], datatype: 'FP32', parameters: { binary_data_size: 12 } }] }),
);
const binary = Buffer.concat([binaryJson, bytesOf(Float32Array.of(1, 2, 5))]);

/** Bytes with a few changed, cut, or put in. */
const mutated = (bytes: Uint8Array): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.tuple(fc.nat(bytes.length), fc.constantFrom('change', 'cut', 'insert'), fc.uint8Array({ maxLength: 4 })),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((changes) =>
      changes.reduce<Buffer>((body, [position, kind, put]) => {
        const at = position % (body.length + 1);
        const behind = body.subarray(at + (kind === 'insert' ? 0 : kind === 'change' ? put.length : 7));
        return Buffer.concat([body.subarray(0, at), kind === 'cut' ? Buffer.alloc(0) : put, behind]);
      }, Buffer.from(bytes)),
    );

const generatedBody = fc.oneof(
  ...valid.map((text) => mutated(Buffer.from(text))),
  mutated(binary),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record({
      inputs: fc.array(
        fc.record(
          {
            name: fc.constantFrom<unknown>('x', 'img', 'z', 1, null),
            shape: fc.array(fc.constantFrom<unknown>(0, 1, 2, 3, -1, 1.5, '1', 2 ** 40), { maxLength: 4 }),
            datatype: fc.constantFrom('FP32', 'FP16', 'BF16', 'INT8', 'INT64', 'UINT64', 'BOOL', 'BYTES', 'X'),
            data: fc.jsonValue({ maxDepth: 3 }),
            parameters: fc.dictionary(
              fc.constantFrom('binary_data_size', 'content_type', 'a'),
              fc.jsonValue({ maxDepth: 1 }),
            ),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 3 },
      ),
      outputs: fc.jsonValue({ maxDepth: 2 }),
      parameters: fc.dictionary(
        fc.constantFrom('timeout', 'binary_data_output', 'signature_name', 'a'),
        fc.jsonValue({ maxDepth: 1 }),
      ),
    })
    .map((value) => Buffer.from(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);

/** Requests over gRPC: raw, typed and of strings, with parameters and chosen outputs. */
const messages = [
  {
    modelName: 'H',
    modelVersion: '123',
    id: 'é',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [3, 1] }],
    rawInputContents: [bytesOf(Float32Array.of(1, 2, 5))],
  },
  {
    modelName: 'D',
    parameters: { signature_name: { stringParam: 'id_int8' }, timeout: { int64Param: 1_000_000 } },
    inputs: [{ name: 'x', datatype: 'INT8', shape: [2], contents: { intContents: [-128, 127] } }],
  },
  {
    modelName: 'M',
    parameters: { signature_name: { stringParam: 'blob' }, binary_data_output: { boolParam: true } },
    inputs: [
      { name: 'img', datatype: 'BYTES', shape: [2], contents: { bytesContents: [Buffer.of(255), Buffer.of()] } },
    ],
    outputs: [{ name: 'len', parameters: { classification: { int64Param: 0 } } }],
  },
].map((message) => encodeMessage('ModelInferRequest', message));

const anyHeader = fc.oneof(
  fc.constant(undefined),
  fc.constant(undefined),
  fc.constantFrom(...[-1, 0, 0, 0, 0, 1].map((more) => String(binaryJson.length + more))),
  fc.nat(400).map(String),
  fc.constantFrom('0', '-1', '', ' 12 ', '0x10', '1e3', '99999999999999999999'),
);

const anyEncoding = fc.option(fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'cut'), { nil: undefined, freq: 4 });

/** A body as its `Content-Encoding` says, but for the wrong ones. */
function encode(encoding: string, body: Buffer): Buffer {
  if (encoding === 'gzip') return gzipSync(body);
  return encoding === 'deflate' ? deflateSync(body) : body;
}

describe('any body and any header', () => {
  it(
    'are answered with 200 or the error of a client',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('H', 'M', 'D'),
          generatedBody,
          anyHeader,
          anyEncoding,
          async (model, body, header, encoding) => {
            const headers = {
              ...(header !== undefined && { 'Inference-Header-Content-Length': header }),
              ...(encoding !== undefined && { 'Content-Encoding': encoding }),
            };
            const sent = encoding === undefined ? body : encode(encoding, body);
            const { status, text } = await server.send('POST', `/v2/models/${model}/infer`, sent, headers);
            if (status === 200) return;
            expect(JSON.parse(text)).toEqual({ error: expect.any(String) });
            // 504 is a timeout parameter of few microseconds, 501 a signature of complex numbers.
            expect(status < 500 || status === 504 || status === 501).toBe(true);
          },
        ),
        { seed, numRuns, endOnFailure: true, interruptAfterTimeLimit: MILLISECONDS / 2 },
      );
      expect((await server.infer('H', x([1, 2, 5]))).status).toBe(200);
    },
    MILLISECONDS,
  );

  it(
    'are refused over gRPC without an error of the server',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(...messages.map(mutated), fc.uint8Array({ maxLength: 64 })), async (bytes) => {
          const failure = await client.callRaw('ModelInfer', bytes).then(
            () => undefined,
            ({ code, details }: { code: number; details: string }) => ({ code, details }),
          );
          // OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED by a timeout parameter, NOT_FOUND and UNIMPLEMENTED.
          expect([0, 3, 4, 5, 12], failure?.details).toContain(failure?.code ?? 0);
        }),
        { seed, numRuns, endOnFailure: true, interruptAfterTimeLimit: MILLISECONDS / 2 },
      );
    },
    MILLISECONDS,
  );
});

interface Case {
  readonly datatype: Datatype;
  readonly bytes: Buffer;
  readonly count: number;
}

const numbers = (datatype: Datatype, size: number, sanitize = (bytes: Buffer) => bytes): fc.Arbitrary<Case> =>
  fc.uint8Array({ maxLength: 8 * size }).map((random) => {
    const bytes = sanitize(Buffer.from(random.subarray(0, random.length - (random.length % size))));
    return { datatype, bytes, count: bytes.length / size };
  });

/** A NaN has many patterns, which text does not tell apart. */
const withoutNaN = (width: 2 | 4 | 8, exponent: number) => (bytes: Buffer) => {
  for (let at = width - 1; at < bytes.length; at += width) if ((bytes[at]! & exponent) === exponent) bytes[at] = 1;
  return bytes;
};

const anyTensor: fc.Arbitrary<Case> = fc.oneof(
  numbers('BOOL', 1, (bytes) => bytes.map((byte) => byte & 1) as Buffer),
  ...(['UINT8', 'INT8'] as const).map((type) => numbers(type, 1)),
  ...(['UINT16', 'INT16'] as const).map((type) => numbers(type, 2)),
  ...(['UINT32', 'INT32'] as const).map((type) => numbers(type, 4)),
  ...(['UINT64', 'INT64'] as const).map((type) => numbers(type, 8)),
  numbers('FP16', 2, withoutNaN(2, 0x7c)),
  numbers('BF16', 2, withoutNaN(2, 0x7f)),
  numbers('FP32', 4, withoutNaN(4, 0x7f)),
  numbers('FP64', 8, withoutNaN(8, 0x7f)),
  fc
    .array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 6 })
    .map((texts) => ({ datatype: 'BYTES' as const, bytes: elements(...texts), count: texts.length })),
);

describe('a tensor of any data type', () => {
  it(
    'keeps its bytes through binary, JSON and gRPC',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyTensor, async ({ datatype, bytes, count }) => {
          const signature_name = `id_${dtypeOf(datatype)}`;
          const tensor = { name: 'x', shape: [count], datatype };
          const sent = [{ ...tensor, parameters: { binary_data_size: bytes.length } }];
          const asText = await server.inferBinary('D', { parameters: { signature_name }, inputs: sent }, [bytes]);
          const data = /"data":(.*)\}\]\}$/s.exec(asText.text)?.[1];
          const inputs = `[{"name":"x","shape":[${count}],"datatype":"${datatype}","data":${data}}]`;
          const parameters = `{"signature_name":"${signature_name}","binary_data_output":true}`;
          const back = await server.infer('D', `{"parameters":${parameters},"inputs":${inputs}}`);
          const length = Number(back.headers['inference-header-content-length']);
          expect(back.bytes.subarray(length).toString('hex')).toBe(bytes.toString('hex'));
          const overGrpc = await client.call('ModelInfer', {
            modelName: 'D',
            parameters: { signature_name: { stringParam: signature_name } },
            inputs: [tensor],
            rawInputContents: [bytes],
          });
          expect(Buffer.concat(overGrpc.rawOutputContents as Buffer[]).toString('hex')).toBe(bytes.toString('hex'));
        }),
        { seed, numRuns, endOnFailure: true, interruptAfterTimeLimit: MILLISECONDS / 2 },
      );
    },
    MILLISECONDS,
  );
});
