/** `@serving/protos`: TensorFlow's and TensorFlow Serving's messages as plain objects. */
export { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model.js';
