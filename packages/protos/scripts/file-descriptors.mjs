/**
 * The FileDescriptorProtos of the `.proto` files, as protoc makes them, for gRPC's reflection: what a file declares, by full
 * name, what it imports, and its bytes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const require = createRequire(import.meta.url);
const FileDescriptorProto = protobuf.Root.fromJSON(require('protobufjs/google/protobuf/descriptor.json')).lookupType(
  'google.protobuf.FileDescriptorProto',
);

const scalarNumbers = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};
const MESSAGE = 11;
const ENUM = 14;
const OPTIONAL = 1;
const REPEATED = 3;

/** One entry per file of `files` and per file of `google/protobuf` that they import. */
export function fileDescriptors(protoFolder, files) {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (target.startsWith(protoFolder) ? target : join(protoFolder, target));
  root.loadSync([...files], { keepCase: true });
  root.resolveAll();
  const own = files.map((name) => ({ name, ...importsOf(protoFolder, name) }));
  const common = new Set(own.flatMap(({ imports }) => imports).filter((name) => !files.includes(name)));
  return [
    ...[...common].sort().map((name) => commonDescriptor(name)),
    ...own.map(({ name, imports, packageName }) => {
      const path = join(protoFolder, name);
      const namespace = root.lookup(packageName);
      const members = namespace.nestedArray.filter((member) => member.filename === path);
      return descriptor(name, packageName, imports, members);
    }),
  ];
}

function importsOf(protoFolder, name) {
  const { imports = [], package: packageName } = protobuf.parse(readFileSync(join(protoFolder, name), 'utf8'));
  return { imports, packageName };
}

/** protobufjs has these files built in, as JSON. */
function commonDescriptor(name) {
  const root = protobuf.Root.fromJSON(protobuf.common.get(name));
  root.resolveAll();
  return descriptor(name, 'google.protobuf', [], root.lookup('google.protobuf').nestedArray);
}

function descriptor(name, packageName, imports, members) {
  const symbols = [];
  const file = { name, package: packageName, dependency: imports, syntax: 'proto3' };
  file.messageType = members.filter((member) => member instanceof protobuf.Type).map((type) => message(type, symbols));
  file.enumType = members.filter((member) => member instanceof protobuf.Enum).map((type) => enumeration(type, symbols));
  file.service = members.filter((member) => member instanceof protobuf.Service).map((type) => service(type, symbols));
  const bytes = FileDescriptorProto.encode(FileDescriptorProto.fromObject(file)).finish();
  return { name, dependencies: imports, symbols, base64: Buffer.from(bytes).toString('base64') };
}

function message(type, symbols) {
  symbols.push(type.fullName.slice(1));
  const nested = type.nestedArray.filter((member) => member instanceof protobuf.Type);
  const enums = type.nestedArray.filter((member) => member instanceof protobuf.Enum);
  const maps = type.fieldsArray.filter((field) => field.map);
  // Those that stand for a field's presence come last, as protoc has it.
  const oneofs = [...type.oneofsArray].sort((a, b) => Number(a.isProto3Optional) - Number(b.isProto3Optional));
  return {
    name: type.name,
    field: type.fieldsArray.map((field) => fieldDescriptor(field, oneofs)),
    nestedType: [...nested.map((member) => message(member, symbols)), ...maps.map(mapEntry)],
    enumType: enums.map((member) => enumeration(member, symbols)),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
    reservedRange: ranges(type).map(([start, end]) => ({ start, end: end + 1 })),
    reservedName: reservedNames(type),
  };
}

function reservedNames(type) {
  return (type.reserved ?? []).filter((item) => typeof item === 'string');
}

function ranges(type) {
  return (type.reserved ?? []).filter((item) => typeof item !== 'string');
}

function fieldDescriptor(field, oneofs) {
  const typed = field.map
    ? { type: MESSAGE, typeName: `${field.parent.fullName}.${entryName(field)}` }
    : typeOf(field.type, field.resolvedType);
  return {
    name: field.name,
    number: field.id,
    label: field.repeated || field.map ? REPEATED : OPTIONAL,
    ...typed,
    ...(field.partOf && { oneofIndex: oneofs.indexOf(field.partOf) }),
    ...(field.partOf?.isProto3Optional && { proto3Optional: true }),
    jsonName: field.options?.json_name ?? field.jsonName ?? protobuf.util.jsonName(field.name),
    ...(field.options?.packed !== undefined && { options: { packed: field.options.packed } }),
  };
}

function mapEntry(field) {
  return {
    name: entryName(field),
    field: [
      { name: 'key', number: 1, label: OPTIONAL, ...typeOf(field.keyType), jsonName: 'key' },
      { name: 'value', number: 2, label: OPTIONAL, ...typeOf(field.type, field.resolvedType), jsonName: 'value' },
    ],
    options: { mapEntry: true },
  };
}

/** `version_labels` → `VersionLabelsEntry`. */
function entryName({ name }) {
  return `${name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase())}Entry`;
}

function typeOf(name, resolved) {
  if (!resolved) return { type: scalarNumbers[name] };
  return { type: resolved instanceof protobuf.Enum ? ENUM : MESSAGE, typeName: resolved.fullName };
}

function enumeration(type, symbols) {
  symbols.push(type.fullName.slice(1));
  return {
    name: type.name,
    value: Object.entries(type.values).map(([name, number]) => ({ name, number })),
    // Unlike a message's, an enum's ranges include their end.
    reservedRange: ranges(type).map(([start, end]) => ({ start, end })),
    reservedName: reservedNames(type),
  };
}

function service(type, symbols) {
  symbols.push(type.fullName.slice(1));
  return {
    name: type.name,
    method: type.methodsArray.map((method) => {
      symbols.push(`${type.fullName.slice(1)}.${method.name}`);
      return {
        name: method.name,
        inputType: method.resolvedRequestType.fullName,
        outputType: method.resolvedResponseType.fullName,
        ...(method.requestStream && { clientStreaming: true }),
        ...(method.responseStream && { serverStreaming: true }),
      };
    }),
  };
}
