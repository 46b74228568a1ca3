/** `grpc.reflection.v1.ServerReflection`, and v1alpha, which many tools still ask for. */
import { type handleBidiStreamingCall, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import { type FileDescriptor, fileDescriptors } from '@serving/protos/descriptors';
import type { Messages } from '@serving/protos/messages';
import { messageMethod } from './service-definitions.js';

type Request = Messages['grpc.reflection.v1.ServerReflectionRequest'];
type Response = Messages['grpc.reflection.v1.ServerReflectionResponse'];

/** Both versions have the same messages. */
export const reflectionServiceDefinitions: readonly ServiceDefinition[] = ['v1', 'v1alpha'].map((version) => ({
  ServerReflectionInfo: messageMethod(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    'grpc.reflection.v1.ServerReflectionRequest',
    'grpc.reflection.v1.ServerReflectionResponse',
    { request: true, response: true },
  ),
}));

type Call = ServerDuplexStream<Request, Response>;

/** Describes the services given and everything that they are made of. */
export class ReflectionService implements Disposable {
  readonly #calls = new Set<Call>();
  #isClosed = false;
  readonly #services: readonly string[];
  readonly #files: ReadonlyMap<string, FileDescriptor>;

  /**
   * @param services full names, as they are to be listed
   * @param more files beside those of `@serving/protos`
   */
  constructor(services: readonly string[], more: readonly FileDescriptor[] = []) {
    this.#services = services;
    this.#files = new Map([...fileDescriptors, ...more].map((file) => [file.name, file]));
  }

  readonly info: handleBidiStreamingCall<Request, Response> = (call) => {
    // The client's loss; without a listener it would end the process.
    call.on('error', () => undefined);
    if (this.#isClosed) {
      call.end();
      return;
    }
    this.#calls.add(call);
    call.on('close', () => this.#calls.delete(call));
    call.on('cancelled', () => this.#calls.delete(call));
    call.on('end', () => this.#end(call));
    // Answers are far larger than requests: no more of them are made than the client reads.
    call.on('drain', () => call.resume());
    call.on('data', (request: Request) => {
      if (this.#calls.has(call) && !call.write(this.answer(request))) call.pause();
    });
  };

  /** Ends the streams of clients, and from then on every new one. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const call of this.#calls) this.#end(call);
  }

  #end(call: Call): void {
    this.#calls.delete(call);
    call.end();
  }

  /** What is not known, or not asked for, is answered with an error response. */
  answer(request: Request): Response {
    const about = { validHost: request.host ?? '', originalRequest: request };
    if (request.listServices !== undefined) {
      return { ...about, listServicesResponse: { service: this.#services.map((name) => ({ name })) } };
    }
    if (request.fileByFilename !== undefined) {
      return { ...about, ...this.#file(this.#files.get(request.fileByFilename), request.fileByFilename) };
    }
    if (request.fileContainingSymbol !== undefined) {
      const symbol = request.fileContainingSymbol;
      const file = this.#declaring(symbol);
      return { ...about, ...this.#file(file, symbol) };
    }
    if (request.allExtensionNumbersOfType !== undefined) {
      const baseTypeName = request.allExtensionNumbersOfType;
      if (!this.#declaring(baseTypeName)) return { ...about, ...notFound(baseTypeName) };
      return { ...about, allExtensionNumbersResponse: { baseTypeName, extensionNumber: [] } };
    }
    if (request.fileContainingExtension) {
      const { containingType = '', extensionNumber = 0 } = request.fileContainingExtension;
      return { ...about, ...notFound(`extension ${extensionNumber} of ${containingType}`) };
    }
    return {
      ...about,
      errorResponse: { errorCode: status.INVALID_ARGUMENT, errorMessage: 'The request asks for nothing' },
    };
  }

  #declaring(symbol: string): FileDescriptor | undefined {
    for (const file of this.#files.values()) if (file.symbols.includes(symbol)) return file;
    return undefined;
  }

  #file(file: FileDescriptor | undefined, what: string): Response {
    if (!file) return notFound(what);
    const found = new Set<FileDescriptor>();
    this.#collect(file, found);
    return {
      fileDescriptorResponse: { fileDescriptorProto: Array.from(found, ({ base64 }) => Buffer.from(base64, 'base64')) },
    };
  }

  /** A file before those that it imports. */
  #collect(file: FileDescriptor, found: Set<FileDescriptor>): void {
    if (found.has(file)) return;
    found.add(file);
    for (const name of file.dependencies) this.#collect(this.#files.get(name)!, found);
  }
}

function notFound(what: string): Response {
  return { errorResponse: { errorCode: status.NOT_FOUND, errorMessage: `Not found: ${what}` } };
}
