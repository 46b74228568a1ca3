/** Classify and regress requests: body to tf.Examples, run, results to body. */
import { classify, DEFAULT_SIGNATURE_NAME, regress } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeParsedClassificationRequest,
  decodeParsedRegressionRequest,
  decodeRegressionRequest,
  encodeClassificationResponse,
  encodeRegressionResponse,
} from '@serving/json-codec';
import { HeldServable } from './held-servable.js';
import type { HttpRequest } from './http-message.js';
import type { PathModelSpec } from './parse-path.js';
import { bodyOf, wholeOf } from './request-body.js';
import type { RestModelServer } from './rest-model-server.js';
import type { RunLimits } from './run-limits.js';

/** What a verb does in its own way. */
interface VerbApi {
  decode(body: Uint8Array): DecodedExamplesRequest;
  decodeParsed(body: unknown): DecodedExamplesRequest;
  answer(...args: Parameters<typeof classify>): Promise<Uint8Array>;
}

const verbs: Readonly<Record<'classify' | 'regress', VerbApi>> = {
  classify: {
    decode: decodeClassificationRequest,
    decodeParsed: decodeParsedClassificationRequest,
    answer: async (...args) => {
      const result = await classify(...args);
      args[4]?.trace?.enter('encode');
      return encodeClassificationResponse(result);
    },
  },
  regress: {
    decode: decodeRegressionRequest,
    decodeParsed: decodeParsedRegressionRequest,
    answer: async (...args) => {
      const result = await regress(...args);
      args[4]?.trace?.enter('encode');
      return encodeRegressionResponse(result);
    },
  },
};

export class ExamplesHandler {
  readonly #server: RestModelServer;
  readonly #limits: RunLimits;

  constructor(server: RestModelServer, limits: RunLimits) {
    this.#server = server;
    this.#limits = limits;
  }

  /** The body of the answer; rejects with a `ServingError`. Errors of the body come before the model is looked up. */
  async handle(
    verb: 'classify' | 'regress',
    spec: PathModelSpec,
    request: HttpRequest,
    trace?: RequestTrace,
  ): Promise<Uint8Array> {
    trace?.enter('decode');
    const { decode, decodeParsed, answer } = verbs[verb];
    const { parsedBody } = request;
    const { signatureName, input } =
      parsedBody === undefined ? decode(wholeOf(await bodyOf(request))) : decodeParsed(parsedBody);
    const held = new HeldServable(this.#server, spec);
    const options = this.#limits.of(request, trace);
    try {
      held.acquire();
      trace?.found(held.handle.id, signatureName || DEFAULT_SIGNATURE_NAME);
      return await answer(this.#server, held.handle, signatureName, input, options);
    } catch (reason) {
      throw this.#limits.reason(reason, options);
    } finally {
      held.release();
    }
  }
}
