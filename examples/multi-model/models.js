/** The models of a server, by name, with what is theirs alone. */
export const models = [
  {
    name: 'half_plus_two',
    basePath: 'models/half_plus_two',
    versionPolicy: { specific: { versions: [123, 124] } }, // these, and nothing newer
    versionLabels: { stable: 123, canary: 124 },
  },
  {
    name: 'digits',
    basePath: 'models/digits',
    versionPolicy: { latest: { numVersions: 1 } }, // the default: a newer version takes over
    batching: { maxBatchSize: 64, enableLargeBatchSplitting: false }, // requests of more than 64 images are refused
  },
  { name: 'words', basePath: 'models/lookup_table', versionPolicy: { all: {} } },
];
