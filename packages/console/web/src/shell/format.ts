/** Numbers, sizes and times as people read them. */

const LOCALE = 'en';

export function countText(value: number): string {
  return new Intl.NumberFormat(LOCALE, {
    notation: value >= 100_000 ? 'compact' : 'standard',
    maximumFractionDigits: 1,
  }).format(value);
}

/** Such as `12.3 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${units[unit]}`;
}

/** Milliseconds with a fitting unit: `340 µs`, `12.5 ms`, `3.2 s`, `2 min`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${threeDigits(ms * 1000)} µs`;
  if (ms < 1000) return `${threeDigits(ms)} ms`;
  if (ms < 60_000) return `${threeDigits(ms / 1000)} s`;
  return spanText(ms);
}

/** A long time in its largest unit: `45 s`, `12 min`, `3 h`, `4 days`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}

export function percentText(share: number): string {
  return `${threeDigits(share * 100)} %`;
}

export function clockText(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}

/** Three digits that count: `0.0123`, `1.23`, `12.3`, `123`. */
export function threeDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(size < 0.001 ? 2 : 3)));
}
