/** Tensors in messages: small ones within the message, others in the shared region. */
import { dataTypeInfo, type Tensor } from '@serving/core/tensor';
import type { Address, Libc } from '../../native/libc.js';
import { BLOCK_REFERENCE_WORDS } from '../messages/control-messages.js';
import type { IncomingMessage, OutgoingMessages } from '../messages/message-buffer.js';
import { MessageTensors } from '../messages/message-tensors.js';
import {
  type MakeArray,
  type ReadBytes,
  readTensors,
  TensorLayout,
  unreadable,
  type WriteBytes,
} from '../messages/tensor-layout.js';
import { BLOCK_ALIGNMENT, type BlockAllocator } from './block-allocator.js';
import type { SharedRegion } from './shared-region.js';

/** Blocks up to this size travel in the message: a copy through the socket costs less than the bookkeeping of a block. */
const MAX_INLINE_BYTES = 4096;
const HIGH_WORD = 2 ** 32;

/** The kinds of message for both ways. */
export interface BlockKinds {
  readonly inline: number;
  readonly shared: number;
}

/** Writes the blocks that this process sends, and reads those that it gets. */
export class TensorBlocks {
  readonly #libc: Libc;
  readonly #region: SharedRegion;
  readonly #allocator: BlockAllocator;
  readonly #layout: TensorLayout = new TensorLayout();
  readonly #inline: MessageTensors = new MessageTensors();
  #address: Address = 0;

  /** @param allocator of this process's part of the region */
  constructor(libc: Libc, region: SharedRegion, allocator: BlockAllocator) {
    this.#libc = libc;
    this.#region = region;
    this.#allocator = allocator;
  }

  /**
   * Adds a message with tensors. Returns the offset of the block that they were written to, for its release once the other process has
   * read it; -1 when they are in the message.
   *
   * @throws ServingError `RESOURCE_EXHAUSTED` when the region has no room. Nothing was added then.
   */
  send(outgoing: OutgoingMessages, kinds: BlockKinds, id: number, number: number, tensors: readonly Tensor[]): number {
    if (this.#inline.measure(tensors) <= MAX_INLINE_BYTES) {
      this.#inline.add(outgoing, kinds.inline, id, number, tensors);
      return -1;
    }
    const layout = this.#layout;
    layout.place(tensors, BLOCK_ALIGNMENT);
    const offset = this.#allocator.allocate(layout.bytes);
    this.#address = this.#region.address + offset;
    layout.write(tensors, this.#writeShared);
    outgoing.addWords(kinds.shared, id, number, [
      offset % HIGH_WORD,
      offset / HIGH_WORD,
      layout.bytes % HIGH_WORD,
      layout.bytes / HIGH_WORD,
      layout.tableWords,
    ]);
    return offset;
  }

  /** Copies of the tensors within a message. */
  readInline(message: IncomingMessage): Tensor[] {
    return this.#inline.copies(message);
  }

  /**
   * The tensors of a block of the region.
   *
   * @param words the body of the message that refers to it
   * @param viewAt returns memory of the region as an array: tensors then share it. Default: they are copies
   * @throws ServingError `INTERNAL` for a block that is not within the region.
   */
  readShared(words: Uint32Array, viewAt?: (address: Address, bytes: number) => ArrayBuffer): Tensor[] {
    const bytes = blockBytes(words);
    const offset = blockOffset(words);
    const tableWords = Math.min(words[BLOCK_REFERENCE_WORDS - 1]!, bytes / 4);
    if (offset + bytes > this.#region.bytes) throw unreadable();
    this.#address = this.#region.address + offset;
    const table = new Uint32Array(tableWords);
    this.#libc.copyOut(table, this.#address, table.byteLength);
    if (viewAt === undefined) return readTensors(table, bytes, this.#readShared, this.#copyShared);
    const view = viewAt(this.#address, bytes);
    const makeArray: MakeArray = (dtype, at, elements) => new (dataTypeInfo(dtype).array!)(view, at, elements);
    return readTensors(table, bytes, this.#readShared, makeArray);
  }

  readonly #writeShared: WriteBytes = (offset, array) => {
    this.#libc.copyIn(this.#address + offset, array, array.byteLength);
  };

  readonly #readShared: ReadBytes = (offset, into) => {
    if (into.byteLength > 0) this.#libc.copyOut(into, this.#address + offset, into.byteLength);
  };

  readonly #copyShared: MakeArray = (dtype, offset, elements) => {
    const ArrayOf = dataTypeInfo(dtype).array!;
    // Memory that is not cleared first: all of it is written to.
    const memory = Buffer.allocUnsafeSlow(elements * ArrayOf.BYTES_PER_ELEMENT).buffer as ArrayBuffer;
    const array = new ArrayOf(memory, 0, elements);
    this.#readShared(offset, array);
    return array;
  };
}

/** Where the block begins that a message refers to. */
export function blockOffset(words: Uint32Array): number {
  return words[0]! + words[1]! * HIGH_WORD;
}

/** How many bytes it has. */
export function blockBytes(words: Uint32Array): number {
  return words[2]! + words[3]! * HIGH_WORD;
}
