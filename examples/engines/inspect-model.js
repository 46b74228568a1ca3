/** What a SavedModel holds, and what of it ONNX Runtime can run: `node inspect-model.js VERSION_FOLDER`. */
import { compileSavedModel } from '@serving/onnx-compiler';
import { readSavedModel } from '@serving/protos/saved-model';

const folder = process.argv[2] ?? './models/half_plus_two/1';
const { metaGraphs } = await readSavedModel(folder);
for (const { tags, signatureDefs } of metaGraphs) console.log(tags, [...signatureDefs.keys()]);

const { programs, refused } = await compileSavedModel(folder, ['serve']);
console.log(programs.map(({ signature }) => signature));
console.log(refused.map(({ signature }) => signature));
