/** One meta graph of a SavedModel as serialized bytes, for readers of the graph itself. */
import { ServingError } from '@serving/core/portable';
import { encodeMessage, parseMessageText } from '../messages/message.js';
import { withoutBlocks } from '../text/strip-text-fields.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';

const META_GRAPH = lengthDelimited(2);

/** What nothing reads of a text file, and what `WholeSavedModel` has as reserved names. */
const unreadBlocks: ReadonlySet<string> = new Set(['object_graph_def', 'stripped_op_list', 'debug_info']);

/**
 * The serialized `MetaGraphDef` at `index` of a SavedModel: a view of a binary file's bytes, encoded for a text.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for content that is not a SavedModel.
 */
export function metaGraphBytes(content: Uint8Array | string, index: number, path: string): Uint8Array {
  try {
    const metaGraphs: Uint8Array[] = [];
    const bytes = typeof content === 'string' ? toBinary(content) : content;
    readFields(bytes, (tag, reader) => tag === META_GRAPH && metaGraphs.push(reader.bytes()));
    return metaGraphs[index] ?? new Uint8Array(0);
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('DATA_LOSS', `Can't parse ${path} (${message})`, { cause });
  }
}

function toBinary(text: string): Uint8Array {
  const message = parseMessageText('serving.WholeSavedModel', withoutBlocks(text, unreadBlocks));
  return encodeMessage('serving.WholeSavedModel', message);
}
