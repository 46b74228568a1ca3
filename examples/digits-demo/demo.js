/**
 * Serves a real CNN for handwritten digits from Express, asks it over HTTP, then drops version 2 into the model folder
 * while requests keep flowing. At a terminal it stays up, with the console's address; `--stay` and `--exit` decide otherwise.
 */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDigitsApp } from './app.js';
import { picture, sideBySide } from './picture.js';
import { stays, stayUntilInterrupted } from './stay.js';
import { keepAsking } from './traffic.js';

const fixtures = new URL('../../packages/savedmodel/fixtures/digits/', import.meta.url).pathname;
const samples = JSON.parse(readFileSync(join(fixtures, 'samples.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'digits-'));

/**
 * Puts a version into the model folder at one stroke, as a deployment should: copy beside it, then rename. There are two trained models, of
 * which further versions are copies.
 */
function deploy(version) {
  const trained = String(version % 2 === 0 ? 2 : 1);
  cpSync(join(fixtures, trained), join(folder, `.incoming-${version}`), { recursive: true });
  renameSync(join(folder, `.incoming-${version}`), join(folder, String(version)));
}

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${answer.error}`);
  return answer;
}

const toInstance = (pixels) => pixels.map((row) => row.map((value) => [value / 16]));

async function showPredictions(url) {
  const shown = samples.slice(0, 8);
  const { predictions } = await post(`${url}/v1/models/digits:predict`, {
    instances: shown.map(({ image }) => toInstance(image)),
  });
  const captions = predictions.map(
    ({ label, probabilities }) => `→ ${label}  ${(100 * Math.max(...probabilities)).toFixed(1)} %`,
  );
  for (let i = 0; i < shown.length; i += 4) {
    const row = shown.slice(i, i + 4).map(({ image }) => picture(image));
    console.log(`\n${sideBySide(row, captions.slice(i, i + 4))}`);
  }
  const right = predictions.filter(({ label }, i) => label === shown[i].label).length;
  console.log(`\n${right} of ${shown.length} as the people who wrote them meant.`);
}

async function showSwap({ server, url }) {
  console.log('\nNow version 2 is copied into the model folder, with requests flowing from 8 clients:\n');
  const images = samples.map(({ image }) => toInstance(image));
  const traffic = keepAsking(async (i) => {
    const { version } = await post(`${url}/classify`, { image: images[i % images.length] });
    return version;
  }, 8);
  await traffic.answered(1000);
  const before = traffic.versionsSince(0);
  deploy(2);
  await new Promise((resolve) => {
    const stop = server.on('servable:end', ({ id }) => {
      if (id.version !== 1) return;
      stop();
      resolve();
    });
  });
  const { sent } = traffic.counts();
  await traffic.answered(sent + 1000);
  const { failed, ...counts } = await traffic.stop();
  console.log(`  before the swap    version ${before.join(', ')} answers`);
  console.log(`  after the swap     version ${traffic.versionsSince(sent).join(', ')} answers`);
  console.log(`  requests sent      ${counts.sent}`);
  console.log(`  requests failed    ${failed}`);
  if (failed > 0) process.exitCode = 1;
}

/** Classifies digits live, and swaps versions, until Ctrl+C. */
async function stay({ url }) {
  const images = samples.map(({ image }) => toInstance(image));
  let version = 2;
  console.log(`\nThe demo stays up, and a new version arrives every 20 seconds. See it live:\n\n  ${url}/console/\n`);
  console.log('Ctrl+C ends it.');
  await stayUntilInterrupted(
    (i) => post(`${url}/v1/models/digits:predict`, { instances: [images[i % images.length]] }),
    () => {
      deploy(++version);
      rmSync(join(folder, String(version - 2)), { recursive: true, force: true });
    },
  );
}

deploy(1);
const app = await startDigitsApp(folder);
try {
  console.log(`An Express app serves the model at ${app.url}/v1/models/digits:predict`);
  await showPredictions(app.url);
  await showSwap(app);
  if (stays(process.argv.slice(2), { isTTY: process.stdout.isTTY, env: process.env })) await stay(app);
} finally {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}
