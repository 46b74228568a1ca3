/** Classify and regress requests: body to tf.Examples, run, results to body. */
import { classify, regress } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import { DEFAULT_SIGNATURE_NAME } from '@serving/core/extend';
import {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeClassificationRequestInSlices,
  decodeRegressionRequest,
  decodeRegressionRequestInSlices,
  encodeClassificationResponse,
  encodeClassificationResponseInSlices,
  encodeRegressionResponse,
  encodeRegressionResponseInSlices,
  type JsonEncodeOptions,
  SLICE_BYTES,
  type SlicedWork,
  serializedBody,
} from '@serving/json-codec';
import { bodyOf, lengthOf, wholeOf } from '../formats/request-body.js';
import type { BodyBytes, HttpRequest } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import type { RestModelServer } from './rest-model-server.js';
import type { RunLimits } from './run-limits.js';
import { HeldServable } from './servable-lease.js';

/** What a verb does in its own way. */
interface VerbApi {
  readonly decode: (body: Uint8Array) => DecodedExamplesRequest;
  readonly decodeInSlices: (body: BodyBytes) => SlicedWork<DecodedExamplesRequest>;
  /** The result, as what encodes it. */
  readonly run: (...args: Parameters<typeof classify>) => Promise<Encoding>;
}

/** A result that is still to be encoded. */
interface Encoding {
  readonly isLarge: boolean;
  encode(options: JsonEncodeOptions): Uint8Array;
  encodeInSlices(options: JsonEncodeOptions): SlicedWork<Uint8Array>;
}

const verbs: Readonly<Record<'classify' | 'regress', VerbApi>> = {
  classify: {
    decode: decodeClassificationRequest,
    decodeInSlices: decodeClassificationRequestInSlices,
    run: async (...args) => {
      const result = await classify(...args);
      const { batchSize, numClasses, labels } = result;
      return {
        isLarge: batchSize * numClasses * USUAL_TEXT + (labels?.byteLength ?? 0) > SLICE_BYTES,
        encode: (options) => encodeClassificationResponse(result, options),
        encodeInSlices: (options) => encodeClassificationResponseInSlices(result, options),
      };
    },
  },
  regress: {
    decode: decodeRegressionRequest,
    decodeInSlices: decodeRegressionRequestInSlices,
    run: async (...args) => {
      const result = await regress(...args);
      return {
        isLarge: result.values.length * USUAL_TEXT > SLICE_BYTES,
        encode: (options) => encodeRegressionResponse(result, options),
        encodeInSlices: (options) => encodeRegressionResponseInSlices(result, options),
      };
    },
  },
};

/** Bytes of a class or a value, with what stands around it. */
const USUAL_TEXT = 12;

/** Large bodies and responses are read and written in slices. */
export class ExamplesHandler {
  readonly #server: RestModelServer;
  readonly #limits: RunLimits;
  readonly #encoding: JsonEncodeOptions;

  constructor(server: RestModelServer, limits: RunLimits, encoding: JsonEncodeOptions) {
    this.#server = server;
    this.#limits = limits;
    this.#encoding = encoding;
  }

  /** The body of the answer; rejects with a `ServingError`. Errors of the body come before the model is looked up. */
  async handle(
    verb: 'classify' | 'regress',
    spec: PathModelSpec,
    request: HttpRequest,
    trace?: RequestTrace,
  ): Promise<Uint8Array> {
    trace?.enter('decode');
    const { decode, decodeInSlices, run } = verbs[verb];
    const { parsedBody } = request;
    const body = parsedBody === undefined ? await bodyOf(request) : serializedBody(parsedBody);
    const options = this.#limits.of(request, trace);
    const { signatureName, input } =
      lengthOf(body) > SLICE_BYTES ? await this.#limits.inSlices(decodeInSlices(body), options) : decode(wholeOf(body));
    const held = new HeldServable(this.#server, spec);
    try {
      held.acquire();
      trace?.found(held.handle.id, signatureName || DEFAULT_SIGNATURE_NAME);
      const encoding = await run(this.#server, held.handle, signatureName, input, options);
      trace?.enter('encode');
      if (!encoding.isLarge) return encoding.encode(this.#encoding);
      return await this.#limits.inSlices(encoding.encodeInSlices(this.#encoding), options);
    } catch (reason) {
      throw this.#limits.reason(reason, options);
    } finally {
      held.release();
    }
  }
}
