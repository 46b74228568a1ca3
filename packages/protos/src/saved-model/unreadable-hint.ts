/** What to do about a SavedModel that doesn't parse. */
export const UNREADABLE_HINT =
  'The file is cut off or was changed: copy or export the model again, under another name, and rename it when complete';
