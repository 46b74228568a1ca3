/** Predict requests whose bodies are in another form than JSON. */
import {
  checkOutputFilter,
  type DecodedPredictBody,
  type EncodedPredictBody,
  type PredictBodyFormat,
  type ResolvedSignature,
  runPredictNow,
  type ServableId,
  ServingError,
  type Signature,
} from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { NamedTensors } from '@serving/core/tensor';
import { checkLength, type JsonEncodeOptions, type SlicedWork } from '@serving/json-codec';
import { isGzip } from '../formats/gzip-body.js';
import type { PredictAnswerFormat, PredictBodyFormats } from '../formats/predict-body-formats.js';
import { bodyOf, wholeOf } from '../formats/request-body.js';
import type { HttpRequest } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import type { RestModelServer } from './rest-model-server.js';
import type { RunLimits } from './run-limits.js';
import { HeldServable } from './servable-lease.js';

/** The body of an answer and what it is. */
export interface FormattedAnswer extends EncodedPredictBody {
  readonly contentType: string;
}

/** A request, ready to run. */
interface Decoded {
  readonly signature: Signature;
  readonly inputs: NamedTensors;
  /** `undefined`: all. */
  readonly outputFilter: readonly string[] | undefined;
  readonly contentType: string;
  readonly encode: PredictBodyFormat['encode'];
  readonly encodeInSlices: PredictAnswerFormat['encodeInSlices'];
}

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class BodyFormatPredictHandler {
  readonly #server: RestModelServer;
  readonly #limits: RunLimits;
  readonly #formats: PredictBodyFormats;
  readonly #encoding: JsonEncodeOptions;

  constructor(server: RestModelServer, limits: RunLimits, formats: PredictBodyFormats, encoding: JsonEncodeOptions) {
    this.#server = server;
    this.#limits = limits;
    this.#formats = formats;
    this.#encoding = encoding;
  }

  /** The answer, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(
    spec: PathModelSpec,
    request: HttpRequest,
    format: PredictBodyFormat,
    trace?: RequestTrace,
  ): FormattedAnswer | Promise<FormattedAnswer> {
    trace?.enter('decode');
    if (request.parsedBody !== undefined) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `${format.contentType} has to come as bytes; a parser in front has made something else of this body`,
      );
    }
    const body = bodyOf(request);
    return body instanceof Promise
      ? body.then((bytes) => this.#answer(spec, request, format, inflated(bytes, request), trace))
      : this.#answer(spec, request, format, wholeOf(body), trace);
  }

  #answer(
    spec: PathModelSpec,
    request: HttpRequest,
    format: PredictBodyFormat,
    body: Uint8Array,
    trace: RequestTrace | undefined,
  ): FormattedAnswer | Promise<FormattedAnswer> {
    const held = new HeldServable(this.#server, spec);
    let running = false;
    try {
      const decoded = this.#decode(held, spec, request, format, body);
      const { signature, inputs, outputFilter } = decoded;
      trace?.found(held.handle.id, signature.name);
      trace?.enter('run');
      const outputs = runPredictNow(this.#server, held.handle, signature, inputs, outputFilter);
      if (outputs) return this.#toAnswer(held.handle.id, decoded, outputs, request, trace);
      running = true;
      return this.#run(held, decoded, request, trace);
    } finally {
      if (!running) held.release();
    }
  }

  async #run(
    held: HeldServable,
    decoded: Decoded,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): Promise<FormattedAnswer> {
    const { signature, inputs, outputFilter } = decoded;
    try {
      const limits = this.#limits.of(request, trace);
      const options = outputFilter ? { ...limits, outputs: outputFilter } : limits;
      const outputs = await this.#limits.run(this.#server, held, signature, inputs, options);
      return this.#toAnswer(held.handle.id, decoded, outputs, request, trace);
    } finally {
      held.release();
    }
  }

  #toAnswer(
    id: ServableId,
    { signature, contentType, encode, encodeInSlices }: Decoded,
    outputs: NamedTensors,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): FormattedAnswer | Promise<FormattedAnswer> {
    trace?.enter('encode');
    const modelSpec = { name: id.name, version: id.version, signatureName: signature.name };
    try {
      const encoding = encodeInSlices?.(outputs);
      if (encoding) return this.#answerInSlices(id, signature, contentType, encoding, request);
      const encoded = encode({ modelSpec, outputs });
      checkLength(encoded.body.length, this.#encoding);
      return { contentType, ...encoded };
    } catch (error) {
      throw located(error, id, signature);
    }
  }

  async #answerInSlices(
    id: ServableId,
    signature: Signature,
    contentType: string,
    encoding: SlicedWork<Uint8Array>,
    request: HttpRequest,
  ): Promise<FormattedAnswer> {
    try {
      return { contentType, body: await this.#limits.inSlices(encoding, this.#limits.of(request)) };
    } catch (error) {
      throw located(error, id, signature);
    }
  }

  #decode(
    held: HeldServable,
    spec: PathModelSpec,
    request: HttpRequest,
    format: PredictBodyFormat,
    body: Uint8Array,
  ): Decoded {
    let resolved: ResolvedSignature | undefined;
    try {
      const decoded = format.decode(body, {
        model: spec,
        header: (name) => request.header(name),
        resolve: (signatureName) => {
          const signature = held.acquireSignature(signatureName);
          resolved = { servableId: held.handle.id, signature };
          return resolved;
        },
      });
      const answers = this.#formats.forAnswer(request, format);
      return {
        signature: decoded.signature,
        inputs: decoded.inputs,
        outputFilter: outputsOf(decoded, request.header(OUTPUT_HEADER), answers),
        contentType: answers.contentType,
        encode: (answers === format && decoded.encode) || ((response) => answers.encode(response)),
        encodeInSlices: answers.encodeInSlices,
      };
    } catch (error) {
      if (!resolved) throw error;
      throw located(error, resolved.servableId, resolved.signature);
    }
  }
}

/** Names the one output that is wanted. */
const OUTPUT_HEADER = 'serving-output';

/** Looked at before the run, so that nothing is computed for an answer that can't be written. */
function outputsOf(
  { signature, outputFilter }: DecodedPredictBody,
  named: string | undefined,
  { contentType, holdsOneTensor }: PredictAnswerFormat,
): readonly string[] | undefined {
  const asked = named === undefined ? outputFilter : [named];
  if (asked) checkOutputFilter(asked, signature);
  const names = asked?.length ? asked : [...signature.outputs.keys()];
  if (holdsOneTensor && names.length !== 1) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `${contentType} holds one tensor, but there are the outputs ${names.join(', ')}: ` +
        'name one in the header Serving-Output, or accept application/json',
    );
  }
  return asked?.length && signature.outputs.size > 1 ? asked : undefined;
}

/** With model, version and signature in front of its message. */
function located(error: unknown, { name, version }: ServableId, signature: Signature): ServingError {
  return ServingError.from(error).prefixed(`Model ${name} version ${version}, signature "${signature.name}": `);
}

/** What doesn't inflate comes back empty. */
function inflated(bytes: Uint8Array, request: HttpRequest): Uint8Array {
  if (bytes.length > 0 || !request.body?.length || !isGzip(request.header('content-encoding'))) return bytes;
  throw new ServingError('INVALID_ARGUMENT', 'The gzip body is broken, or too large when it is inflated');
}
