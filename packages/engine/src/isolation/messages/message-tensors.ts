/** Tensors within messages. */
import { dataTypeInfo, type NumericArray, type Tensor } from '@serving/core/tensor';
import type { IncomingMessage, OutgoingMessages } from './message-buffer.js';
import { type MakeArray, type ReadBytes, readTensors, TensorLayout, type WriteBytes } from './tensor-layout.js';

const ALIGNMENT = 8;

/** Writes them to messages, and reads them. */
export class MessageTensors {
  readonly #layout: TensorLayout = new TensorLayout();
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** Bytes that a message with the tensors has for them. {@link add} adds those that were measured last. */
  measure(tensors: readonly Tensor[]): number {
    this.#layout.place(tensors, ALIGNMENT);
    return this.#layout.bytes;
  }

  /** Adds a message with the tensors that were measured last. */
  add(outgoing: OutgoingMessages, kind: number, id: number, number: number, tensors: readonly Tensor[]): void {
    this.#start = outgoing.add(kind, id, number, this.#layout.bytes);
    this.#bytes = outgoing.bytes;
    this.#layout.write(tensors, this.#write);
  }

  /** Copies of the tensors of a message. */
  copies({ words, bytes }: IncomingMessage): Tensor[] {
    this.#bytes = bytes;
    this.#start = 0;
    return readTensors(words, bytes.length, this.#read, this.#copy);
  }

  /** The tensors of a message, in its memory. */
  views({ words, bytes }: IncomingMessage): Tensor[] {
    this.#bytes = bytes;
    this.#start = 0;
    return readTensors(words, bytes.length, this.#read, this.#view);
  }

  readonly #write: WriteBytes = (offset, array) => {
    this.#bytes.set(asBytes(array), this.#start + offset);
  };

  readonly #read: ReadBytes = (offset, into) => {
    const target = asBytes(into);
    target.set(this.#bytes.subarray(offset, offset + target.length));
  };

  readonly #copy: MakeArray = (dtype, offset, elements) => {
    const array = new (dataTypeInfo(dtype).array!)(elements);
    this.#read(offset, array);
    return array;
  };

  readonly #view: MakeArray = (dtype, offset, elements) => {
    const { buffer, byteOffset } = this.#bytes;
    return new (dataTypeInfo(dtype).array!)(buffer as ArrayBuffer, byteOffset + offset, elements);
  };
}

function asBytes(array: Uint8Array | NumericArray | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
