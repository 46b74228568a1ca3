/** The identity of one version of a model. */
import { parseVersion, type Version } from './version.js';

/** A servable stream's name and one of its versions. */
export interface ServableId {
  readonly name: string;
  readonly version: Version;
}

/** `{name: N version: V}`, as TensorFlow Serving prints it. */
export function formatServableId(id: ServableId): string {
  return `{name: ${id.name} version: ${id.version}}`;
}

/**
 * The id with its version as {@link Version} has it, such as 3 for a bigint of 3.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a version that is not one.
 */
export function canonicalServableId(id: ServableId): ServableId {
  const version = parseVersion(id.version, `Servable ${id.name}: `);
  return version === id.version ? id : { name: id.name, version };
}
