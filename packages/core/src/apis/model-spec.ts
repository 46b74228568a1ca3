/** Which model, and which of its versions, a request means. */

/** Neither version nor label: the latest available version. Not both. */
export interface ModelSpec {
  readonly model: string;
  /** Asks for that version and no other. */
  readonly version?: number;
  /** Asks for the version that the model's configuration gives this label. */
  readonly label?: string;
}
