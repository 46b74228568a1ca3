/** Reads a meta graph of a SavedModel whole: graph, functions, signatures, assets and collections. */
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import type { SignatureDefMap } from '@serving/core/extend';
import { readMetaGraphBytes } from '@serving/protos/saved-model';
import { lengthDelimited, readFields } from '@serving/protos/tensor';
import { readMapEntry } from './attribute-decoder.js';
import { FunctionLibrary } from './function-library.js';
import { decodeNodeDef, type NodeDef } from './node-def.js';

/** A meta graph. It keeps the file's bytes, of which its constants are views. */
export interface MetaGraphDef {
  /** The SavedModel's folder. */
  readonly directory: string;
  readonly signatures: SignatureDefMap;
  /** By name, in the file's order. */
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly functions: FunctionLibrary;
  /** The operation that restores variables; `''` where there is none. */
  readonly restoreOpName: string;
  /** Node names by collection, such as `saved_model_main_op`. */
  readonly collections: ReadonlyMap<string, readonly string[]>;
  /** Tensor names, such as `asset_path:0`, with the path of the file that they stand for. */
  readonly assets: ReadonlyMap<string, string>;
}

const GRAPH = lengthDelimited(2);
const COLLECTION = lengthDelimited(4);
const ASSET = lengthDelimited(6);
const NODE = lengthDelimited(1);
const LIBRARY = lengthDelimited(2);
const FIRST = lengthDelimited(1);
const SECOND = lengthDelimited(2);
const ANY_LIST = lengthDelimited(5);

/** The collection in which TensorFlow 1 lists assets. */
const ASSETS_COLLECTION = 'saved_model_assets';

/**
 * Reads the meta graph of `directory` whose tags are exactly `tags`.
 *
 * @throws ServingError `NOT_FOUND` without a SavedModel or such a meta graph, `DATA_LOSS` for a file that doesn't parse.
 */
export async function readMetaGraphDef(directory: string, tags: readonly string[]): Promise<MetaGraphDef> {
  const { metaGraph, bytes } = await readMetaGraphBytes(directory, tags);
  try {
    return {
      directory,
      signatures: metaGraph.signatureDefs,
      restoreOpName: metaGraph.restoreOpName,
      ...decodeGraphParts(bytes, directory),
    };
  } catch (cause) {
    const { code, message } = ServingError.from(cause, 'DATA_LOSS');
    throw new ServingError(code, `Can't read the graph of the SavedModel in ${directory} (${message})`, { cause });
  }
}

type GraphParts = Pick<MetaGraphDef, 'nodes' | 'functions' | 'collections' | 'assets'>;

function decodeGraphParts(bytes: Uint8Array, directory: string): GraphParts {
  const nodes = new Map<string, NodeDef>();
  const functions = new FunctionLibrary();
  const collections = new Map<string, readonly string[]>();
  const assets = new Map<string, string>();
  const listedAssets: Uint8Array[] = [];
  readFields(bytes, (tag, reader) => {
    if (tag === GRAPH) readGraph(reader.bytes(), nodes, functions);
    else if (tag === ASSET) addAsset(reader.bytes(), assets, directory);
    else if (tag === COLLECTION) {
      const { key, value } = readMapEntry(reader.bytes());
      if (key === ASSETS_COLLECTION) listedAssets.push(...anyValues(value));
      else collections.set(key, nodeNames(value));
    } else return false;
    return true;
  });
  if (assets.size === 0) for (const asset of listedAssets) addAsset(asset, assets, directory);
  return { nodes, functions, collections, assets };
}

function readGraph(bytes: Uint8Array, nodes: Map<string, NodeDef>, functions: FunctionLibrary): void {
  readFields(bytes, (tag, reader) => {
    if (tag === NODE) {
      const node = decodeNodeDef(reader.bytes());
      nodes.set(node.name, node);
    } else if (tag === LIBRARY) functions.add(reader.bytes());
    else return false;
    return true;
  });
}

/** The names of a `node_list`; empty for collections of another kind. */
function nodeNames(collection: Uint8Array): string[] {
  return bytesAt(collection, FIRST).flatMap((list) => bytesAt(list, FIRST).map(text));
}

/** The serialized messages of an `any_list`. */
function anyValues(collection: Uint8Array): Uint8Array[] {
  return bytesAt(collection, ANY_LIST).flatMap((list) => bytesAt(list, FIRST).flatMap((any) => bytesAt(any, SECOND)));
}

function addAsset(bytes: Uint8Array, assets: Map<string, string>, directory: string): void {
  const [tensorInfo] = bytesAt(bytes, FIRST);
  const tensor = text((tensorInfo && bytesAt(tensorInfo, FIRST)[0]) ?? new Uint8Array(0));
  const filename = text(bytesAt(bytes, SECOND)[0] ?? new Uint8Array(0));
  const parts = filename.split(/[/\\]/);
  if (
    filename === '' ||
    parts[0] === '' ||
    parts.includes('..') ||
    /^[A-Za-z]:/.test(filename) ||
    filename.includes('\0')
  ) {
    throw new ServingError('INVALID_ARGUMENT', `Asset file "${filename}" must lie in the folder "assets"`);
  }
  assets.set(tensor.includes(':') ? tensor : `${tensor}:0`, join(directory, 'assets', filename));
}

function bytesAt(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  readFields(message, (tag, reader) => tag === wanted && found.push(reader.bytes()));
  return found;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
