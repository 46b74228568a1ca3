/** The identity of one version of a model. */

/** A servable stream's name and a version: an int64 that fits in 53 bits. */
export interface ServableId {
  readonly name: string;
  readonly version: number;
}

/** `{name: N version: V}`, as TensorFlow Serving prints it. */
export function formatServableId(id: ServableId): string {
  return `{name: ${id.name} version: ${id.version}}`;
}
