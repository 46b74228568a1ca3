/** Predict bodies in another form than JSON, as a {@link PredictBodyFormat} reads and writes them. */
import { ServingError } from '@serving/core';
import type {
  DecodedPredictBody,
  PredictBodyFormat,
  PredictBodyRequest,
  ResolvedSignature,
  Signature,
} from '@serving/core/extend';
import { checkOutputFilter } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import { checkLength, type JsonEncodeOptions, SLICE_BYTES } from '@serving/json-codec';
import { GeneratedWork, inOneGo, joinInSlices, type SliceBudget } from '@serving/json-codec/internal';
import { type BodyBytes, wholeOf } from '../http-message.js';
import type { RestCall } from '../rest/rest-call.js';
import { acceptedFormat } from './content-negotiation.js';
import type { DecodedPredict, PredictEncoder, PredictResponseBody, RestPredictFormat } from './rest-predict-format.js';

/** One format. Model, version and signature are put in front of its errors once they are known. */
export class BinaryBodyFormat implements RestPredictFormat, PredictEncoder {
  readonly contentType: string;
  readonly holdsOneTensor: boolean;
  readonly requiredHeaders: readonly string[];
  readonly maxDecodedAtOnce: number = SLICE_BYTES;
  readonly #format: PredictBodyFormat;
  readonly #options: JsonEncodeOptions;
  readonly #others: () => Iterable<PredictEncoder>;

  /** @param others the forms that a client may accept instead, the most wanted first */
  constructor(format: PredictBodyFormat, options: JsonEncodeOptions, others: () => Iterable<PredictEncoder>) {
    this.contentType = format.contentType;
    this.holdsOneTensor = format.holdsOneTensor ?? false;
    this.requiredHeaders = format.requiredHeaders ?? [];
    this.#format = format;
    this.#options = options;
    this.#others = others;
  }

  /** @throws ServingError `INVALID_ARGUMENT`: bytes are gone that a parser in front has taken */
  bytesOf(): never {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `${this.contentType} has to come as bytes; a parser in front has made something else of this body`,
    );
  }

  /** @throws ServingError `INVALID_ARGUMENT` for what did not inflate, which comes empty */
  inflated(bytes: Uint8Array, { request }: RestCall): Uint8Array {
    if (bytes.length > 0 || !request.body?.length) return bytes;
    throw new ServingError('INVALID_ARGUMENT', 'The gzip body is broken, or too large when it is inflated');
  }

  decode(body: BodyBytes, rest: RestCall): DecodedPredict {
    return inOneGo(this.#decode(rest, (format, request) => format.decode(wholeOf(body), request)));
  }

  decodeInSlices(body: BodyBytes, rest: RestCall): Promise<DecodedPredict> {
    const steps = (budget: SliceBudget): Generator<void, DecodedPredict> =>
      this.#decode(rest, function* (format, request) {
        const whole = yield* joinInSlices(body, budget);
        return format.decodeInSlices ? yield* format.decodeInSlices(whole, request) : format.decode(whole, request);
      });
    return rest.inSlices(new GeneratedWork(steps));
  }

  *#decode(
    rest: RestCall,
    read: (
      format: PredictBodyFormat,
      request: PredictBodyRequest,
    ) => DecodedPredictBody | Generator<void, DecodedPredictBody>,
  ): Generator<void, DecodedPredict> {
    let resolved: ResolvedSignature | undefined;
    try {
      const reading = read(this.#format, {
        model: rest.model,
        header: (name) => rest.header(name),
        resolve: (signatureName) => {
          resolved = rest.resolve(signatureName);
          return resolved;
        },
      });
      const decoded = 'next' in reading ? yield* reading : reading;
      const { signature, inputs } = decoded;
      const accepted = acceptedFormat<PredictEncoder>(rest.header('accept'), [this, ...this.#others()]);
      const outputFilter = outputsOf(decoded, rest.header(OUTPUT_HEADER), accepted);
      if (accepted !== this) return { signature, inputs, outputFilter, encoder: located(accepted) };
      const encode = decoded.encode ?? ((response) => this.#format.encode(response));
      const encoder: PredictEncoder = {
        contentType: this.contentType,
        encode: (own, _, outputs) => this.#encode(encode, own, signature, outputs),
      };
      return { signature, inputs, outputFilter, encoder: located(encoder) };
    } catch (error) {
      throw resolved ? rest.call.located(error, resolved.signature.name) : error;
    }
  }

  encode(rest: RestCall, signature: Signature, outputs: NamedTensors): PredictResponseBody {
    return this.#encode((response) => this.#format.encode(response), rest, signature, outputs);
  }

  #encode(
    encode: PredictBodyFormat['encode'],
    rest: RestCall,
    signature: Signature,
    outputs: NamedTensors,
  ): PredictResponseBody {
    const { name, version } = rest.call.handle.id;
    const encoded = encode({ model: name, version, signatureName: signature.name, outputs });
    checkLength(encoded.body.length, this.#options);
    return { contentType: this.contentType, ...encoded };
  }
}

/** Puts model, version and signature in front of an encoder's errors. */
function located(encoder: PredictEncoder): PredictEncoder {
  return {
    contentType: encoder.contentType,
    encode: (rest, signature, outputs) => {
      const locate = (reason: unknown): never => {
        throw rest.call.located(reason, signature.name);
      };
      try {
        const body = encoder.encode(rest, signature, outputs);
        return body instanceof Promise ? body.catch(locate) : body;
      } catch (reason) {
        return locate(reason);
      }
    },
  };
}

/** Names the one output that is wanted. */
const OUTPUT_HEADER = 'serving-output';

/** Checked before the run, so that nothing is computed for a response that can't be written. */
function outputsOf(
  { signature, outputFilter }: DecodedPredictBody,
  named: string | undefined,
  { contentType, holdsOneTensor }: PredictEncoder,
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
