/** Where one version of a model lies: the folder (a path or a URI) that a loader reads. */
export type StoragePath = string;
