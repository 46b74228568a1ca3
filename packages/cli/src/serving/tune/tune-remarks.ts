/** Remarks on a recommended configuration: what may change with it. */
import { settingsText, type TuneSettings } from './tune-settings.js';
import type { TuneFacts } from './tune-steps.js';
import type { TuneRecord, TuneResult } from './tuner.js';

/** Of the memory of the recommended configuration. */
const NOTABLE_MEMORY = 0.8;
/** Of the score of the recommended configuration. */
const SIMILAR_SCORE = 0.95;

export function tuneRemarks({ records, best }: TuneResult, facts: TuneFacts): readonly string[] {
  const chosen = records.find(({ settings }) => settings === (best ?? facts.base));
  return [...batchingRemark(records, facts), ...memoryRemark(records, chosen), ...inlineRemark(best)];
}

function batchingRemark(records: readonly TuneRecord[], { batching }: TuneFacts): string[] {
  if (batching !== 'unproven') return [];
  const better = records.filter(({ settings, toBase }) => settings.maxBatchSize !== undefined && toBase?.isBetter);
  if (better.length === 0) return [];
  const names = better.map(({ settings, toBase }) => `${settingsText(settings)} (${toBase!.median.toFixed(2)} ×)`);
  return [
    `Batching is not recommended, since it was not shown that the rows of a request do not change each other's results. If they do not, take ${names.join(' or ')}.`,
  ];
}

function memoryRemark(records: readonly TuneRecord[], chosen: TuneRecord | undefined): string[] {
  const [mapped, bytes] = [records.find(({ settings }) => settings.weights !== undefined), residentBytes(chosen)];
  const ofMapped = residentBytes(mapped);
  if (chosen === undefined || mapped === undefined || mapped === chosen || !bytes || !ofMapped) return [];
  const score = (mapped.toBase?.median ?? 0) / (chosen.toBase?.median ?? 1);
  if (ofMapped > NOTABLE_MEMORY * bytes || score < SIMILAR_SCORE) return [];
  return [
    `${settingsText(mapped.settings)}: ${(ofMapped / 1e6).toFixed(0)} MB instead of ${(bytes / 1e6).toFixed(0)} MB at ${score.toFixed(2)} × of the recommended one.`,
  ];
}

function inlineRemark(best: TuneSettings | undefined): string[] {
  if (best?.runMode !== 'inline') return [];
  return [
    'An inline run holds its serving thread until it ends: other requests, health checks among them, wait for it.',
  ];
}

function residentBytes(record: TuneRecord | undefined): number | undefined {
  return record?.slices.at(-1)?.residentBytes;
}
