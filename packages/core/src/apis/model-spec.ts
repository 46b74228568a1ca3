/** Which model, and which of its versions, a request means. */

/** Neither version nor label: the latest available version. Not both. */
export interface ModelSpec {
  readonly model: string;
  readonly version?: number;
  readonly label?: string;
}
