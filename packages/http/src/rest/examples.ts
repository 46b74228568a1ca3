/** Classify and regress requests: body to tf.Examples, run, results to body. */
import type { RequestTrace } from '@serving/core/diagnostics';
import { classify, regress } from '@serving/core/internal';
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
import type { PredictResponseBody } from '../formats/rest-predict-format.js';
import { type BodyBytes, type HttpRequest, lengthOf, wholeOf } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import { JSON_TYPE } from './responses.js';
import { RestCall, type RestCallContext } from './rest-call.js';

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
  readonly #context: RestCallContext;
  readonly #encoding: JsonEncodeOptions;

  constructor(context: RestCallContext, encoding: JsonEncodeOptions) {
    this.#context = context;
    this.#encoding = encoding;
  }

  /** The response; rejects with a `ServingError`. Errors of the body come before the model is looked up. */
  async handle(
    verb: 'classify' | 'regress',
    spec: PathModelSpec,
    request: HttpRequest,
    trace?: RequestTrace,
  ): Promise<PredictResponseBody> {
    const rest = new RestCall(this.#context, spec, request, trace);
    const { decode, decodeInSlices, run } = verbs[verb];
    const { parsedBody } = request;
    const body = parsedBody === undefined ? await rest.body : serializedBody(parsedBody);
    const { signatureName, input } =
      lengthOf(body) > SLICE_BYTES ? await rest.inSlices(decodeInSlices(body)) : decode(wholeOf(body));
    try {
      const encoding = await run(rest.begin(), signatureName, input);
      trace?.enter('encode');
      const encoded = encoding.isLarge
        ? await rest.inSlices(encoding.encodeInSlices(this.#encoding))
        : encoding.encode(this.#encoding);
      return { contentType: JSON_TYPE, body: encoded };
    } finally {
      rest.release();
    }
  }
}
