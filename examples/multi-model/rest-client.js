/** Versions and labels are parts of the path: `node rest-client.js URL`. */
const models = `${process.argv[2] ?? 'http://localhost:8501'}/v1/models`;

async function predict(model, ...instances) {
  const response = await fetch(`${models}/${model}:predict`, { method: 'POST', body: JSON.stringify({ instances }) });
  const { predictions, error } = await response.json();
  return error ?? predictions;
}

console.log(await predict('half_plus_two', 1)); // [ 3.5 ]
console.log(await predict('half_plus_two/versions/123', 1)); // [ 2.5 ]
console.log(await predict('half_plus_two/labels/stable', 1)); // [ 2.5 ]
console.log(await predict('half_plus_two/labels/canary', 1)); // [ 3.5 ]
console.log(await predict('half_plus_two/labels/beta', 1)); // Unrecognized servable version label: beta

const status = async (model) => (await (await fetch(`${models}/${model}`)).json()).model_version_status;
console.log((await status('words')).map(({ version, state }) => `${version} ${state}`)); // [ '2 AVAILABLE', '1 AVAILABLE' ]
console.log((await status('digits')).map(({ version }) => version)); // [ '2' ]
