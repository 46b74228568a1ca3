/** The headers and trailers that most answers have, encoded once: what a peer has in its table decides which bytes say them. */
import { ENTRY_OVERHEAD_BYTES } from './dynamic-table.js';
import { DEFAULT_TABLE_BYTES } from './hpack-decoder.js';
import { encodeInteger, encodeLiterals, type HeaderFields, WITH_INDEXING } from './hpack-encoder.js';
import { staticNames, staticValues } from './static-table.js';

/** The same for all connections. */
export class AnswerForm {
  readonly headers: RepeatedFields;
  readonly trailers: RepeatedFields;

  constructor(headers: HeaderFields, trailers: HeaderFields) {
    this.headers = new RepeatedFields(headers);
    this.trailers = new RepeatedFields(trailers);
  }

  /** Bytes of a peer's table that remembers both. */
  get tableBytes(): number {
    return this.headers.tableBytes + this.trailers.tableBytes;
  }
}

/** Fields that a peer can remember, in each of their forms. */
class RepeatedFields {
  /** Needs nothing remembered, and changes nothing. */
  readonly literals: Buffer;
  /** Has the peer remember the fields that its static table has not. */
  readonly remembering: Buffer;
  readonly tableBytes: number;
  readonly remembered: number;
  readonly #indexes: readonly number[];

  constructor(fields: HeaderFields) {
    this.literals = encodeLiterals(fields);
    this.#indexes = fields.map(([name, value]) =>
      staticNames.findIndex((known, i) => known === name && value === staticValues[i]),
    );
    const own = fields.filter((_, i) => this.#indexes[i]! < 0);
    this.remembered = own.length;
    this.tableBytes = own.reduce((sum, [name, value]) => sum + name.length + value.length + ENTRY_OVERHEAD_BYTES, 0);
    this.remembering = Buffer.concat(
      fields.map((field, i) =>
        this.#indexes[i]! < 0 ? encodeLiterals([field], WITH_INDEXING) : indexed(this.#indexes[i]!),
      ),
    );
  }

  /** Once the peer remembers them, and `younger` fields after them. */
  known(younger: number): Buffer {
    let position = staticNames.length + younger + this.remembered;
    return Buffer.concat(this.#indexes.map((index) => indexed(index < 0 ? --position : index)));
  }
}

function indexed(index: number): Buffer {
  return encodeInteger(index, 0x80, 0x7f);
}

/** Encodes the answers of one connection, in the order in which they leave. */
export class AnswerEncoder {
  readonly #form: AnswerForm;
  #headers: Buffer | undefined;
  #trailers: Buffer | undefined;
  #tableBytes = DEFAULT_TABLE_BYTES;
  #announcesTable = false;

  constructor(form: AnswerForm) {
    this.#form = form;
  }

  /** The peer remembers at most so many bytes. */
  limitTable(bytes: number): void {
    if (bytes >= this.#tableBytes) return;
    this.#tableBytes = bytes;
    this.#announcesTable = true;
    if (bytes >= this.#form.tableBytes) return;
    this.#headers = this.#form.headers.literals;
    this.#trailers = this.#form.trailers.literals;
  }

  headers(): Buffer {
    const { headers } = this.#form;
    if (this.#headers !== undefined) return this.other(this.#headers);
    this.#headers = headers.known(0);
    return this.other(headers.remembering);
  }

  /** Those of a stream whose headers have left. */
  trailers(): Buffer {
    const { headers, trailers } = this.#form;
    if (this.#trailers !== undefined) return this.other(this.#trailers);
    if (this.#headers === undefined) return this.other(trailers.literals);
    this.#headers = headers.known(trailers.remembered);
    this.#trailers = trailers.known(0);
    return this.other(trailers.remembering);
  }

  /** Any other block of literals. */
  other(block: Buffer): Buffer {
    if (!this.#announcesTable) return block;
    this.#announcesTable = false;
    return Buffer.concat([encodeInteger(this.#tableBytes, 0x20, 0x1f), block]);
  }
}
