import createClient from 'openapi-fetch';

/** @type {import('openapi-fetch').Client<import('./schema.generated.ts').paths, 'application/json'>} */
const client = createClient({ baseUrl: process.argv[2] ?? 'http://localhost:8501' });

const { data, error } = await client.POST('/v1/models/half_plus_two:predict', {
  body: { inputs: { x: [1, 2, 5] } },
});
if (error) throw new Error(error.error);
if ('outputs' in data) console.log(data.outputs);
