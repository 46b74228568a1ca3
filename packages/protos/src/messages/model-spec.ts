/** `tensorflow_serving/apis/model.proto`. */
import type { Version } from '@serving/core';
import { toVersion } from '@serving/core/extend';
import type protobuf from 'protobufjs/light.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import type { WireWriter } from '../wire/wire-writer.js';

/** Which model a request means, or which one answered. Of version and label at most one is set. */
export interface ModelSpecMessage {
  /** `''` when the message has none. */
  readonly name: string;
  readonly version?: Version;
  readonly versionLabel?: string;
  /** `''` when the message has none, which means `serving_default`. */
  readonly signatureName: string;
}

/** What answered. */
export interface AnsweringModel {
  readonly name: string;
  readonly version: Version;
  /** Metadata names none. */
  readonly signatureName?: string;
}

const NAME = lengthDelimited(1);
const VERSION = lengthDelimited(2);
const SIGNATURE_NAME = lengthDelimited(3);
const VERSION_LABEL = lengthDelimited(4);
const VALUE = 0x08;

/** @throws Error, with protobufjs's reason, for bytes that are not a ModelSpec. */
export function decodeModelSpec(bytes: Uint8Array): ModelSpecMessage {
  let name = '';
  let signatureName = '';
  let choice: Pick<ModelSpecMessage, 'version' | 'versionLabel'> = {};
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === VERSION) choice = { version: decodeInt64Value(reader.bytes()) };
    else if (tag === SIGNATURE_NAME) signatureName = reader.string();
    else if (tag === VERSION_LABEL) choice = { versionLabel: reader.string() };
    else return false;
    return true;
  });
  return { name, signatureName, ...choice };
}

/** The field `tag` with this ModelSpec. Back to front, the writer's order. */
export function writeModelSpec(writer: WireWriter, tag: number, spec: ModelSpecMessage | AnsweringModel): void {
  const before = writer.length;
  if ('versionLabel' in spec && spec.versionLabel !== undefined) writeText(writer, VERSION_LABEL, spec.versionLabel);
  if (spec.signatureName) writeText(writer, SIGNATURE_NAME, spec.signatureName);
  if (spec.version !== undefined) {
    const beforeVersion = writer.length;
    if (Number(spec.version) !== 0) {
      writer.int64(BigInt(spec.version));
      writer.varint(VALUE);
    }
    writer.field(VERSION, beforeVersion);
  }
  if (spec.name) writeText(writer, NAME, spec.name);
  writer.field(tag, before);
}

function writeText(writer: WireWriter, tag: number, text: string): void {
  const before = writer.length;
  writer.text(text);
  writer.field(tag, before);
}

function decodeInt64Value(bytes: Uint8Array): Version {
  let value: Version = 0;
  readFields(bytes, (tag, reader) => {
    if (tag !== VALUE) return false;
    value = fromLong(reader.int64());
    return true;
  });
  return value;
}

function fromLong(long: ReturnType<protobuf.Reader['int64']>): Version {
  const { high, low } = long as { readonly high: number; readonly low: number };
  // Every int64 is a version.
  return high === 0 ? low >>> 0 : toVersion((BigInt(high) << 32n) | BigInt(low >>> 0))!;
}
