/** The model that an error of a server's `error` event is about. */

/** Recognised across two copies of the package. */
const MODEL = Symbol.for('@serving/core/error-model');

/** Has {@link modelOfError} find the model. */
export function withModel<E extends Error>(error: E, model: string): E {
  return Object.defineProperty(error, MODEL, { value: model, configurable: true });
}

/** The model's name; `undefined` for an error that is about none. */
export function modelOfError(error: Error): string | undefined {
  return Reflect.get(error, MODEL) as string | undefined;
}
