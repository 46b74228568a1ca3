/** A method that a server serves, and its messages. */
import {
  type MethodDefinition,
  type ServiceDefinition,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import type { CallStream } from './call-stream.js';

/** As a service's definition has it. Without a handler it is not implemented. */
export interface TransportMethod {
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly handler: UntypedHandleCall | undefined;
}

/** The methods of a service with their handlers, which are found by the names that grpc-js looks for. */
export function methodsOf(
  service: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): readonly TransportMethod[] {
  return Object.entries(service).map(([name, definition]) => {
    const handler = implementation[name] ?? implementation[definition.originalName ?? name];
    return { definition, handler: handler?.bind(implementation) as UntypedHandleCall | undefined };
  });
}

/** Fails the call and returns `undefined` for a message that the method can't read. */
export function decodeRequest(
  stream: CallStream,
  { definition }: TransportMethod,
  content: Buffer,
): { readonly message: unknown } | undefined {
  try {
    return { message: definition.requestDeserialize(content) };
  } catch {
    stream.fail({ code: status.INTERNAL, details: 'Error deserializing request' });
    return undefined;
  }
}

/** Fails the call and returns `undefined` for a message that the method can't write. */
export function encodeResponse(
  stream: CallStream,
  { definition }: TransportMethod,
  message: unknown,
): Buffer | undefined {
  try {
    return definition.responseSerialize(message);
  } catch {
    stream.fail({ code: status.INTERNAL, details: 'Error serializing response' });
    return undefined;
  }
}

/** A handler that throws ends its call. */
export function callHandler(stream: CallStream, call: () => void): void {
  try {
    call();
  } catch {
    stream.fail({ code: status.UNKNOWN, details: 'Unknown error' });
  }
}

/** @throws ServingError `UNIMPLEMENTED`, as calls record no metrics. */
export function withoutMetrics(): never {
  throw new ServingError(
    'UNIMPLEMENTED',
    'GrpcServer does not record metrics of calls: add the services to a server of grpc-js to have them',
  );
}
