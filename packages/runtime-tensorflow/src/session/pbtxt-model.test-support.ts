/** SavedModels that tests write as text. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An operation from floats to floats, and the device that its node asks for. */
export interface UnaryModel {
  readonly operation: string;
  readonly attributes?: string;
  readonly device?: string;
  /** The graph's functions. */
  readonly functions?: readonly string[];
}

/** Writes a SavedModel that feeds `x` to an operation and fetches `y`; returns its folder, which the caller removes. */
export async function writeUnaryModel({
  operation,
  attributes = '',
  device = '',
  functions = [],
}: UnaryModel): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unary-model-'));
  const info = (name: string): string =>
    `key: "${name}" value { name: "${name}:0" dtype: DT_FLOAT tensor_shape { dim { size: -1 } } }`;
  await writeFile(
    join(folder, 'saved_model.pbtxt'),
    `saved_model_schema_version: 1
     meta_graphs {
       meta_info_def { tags: "serve" }
       graph_def {
         node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
         node { name: "y" op: "${operation}" input: "x" device: "${device}" ${attributes} }
         versions { producer: 1882 }
         library { ${functions.join('\n')} }
       }
       signature_def {
         key: "serving_default"
         value { inputs { ${info('x')} } outputs { ${info('y')} } method_name: "tensorflow/serving/predict" }
       }
     }`,
  );
  return folder;
}
