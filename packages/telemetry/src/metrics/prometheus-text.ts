/** Prometheus' text format as TensorFlow Serving writes it (`util/prometheus_exporter.cc`). */
import { prometheusLabelValue } from '@serving/core/internal';
import type { Metric, Sample } from './metric.js';

/** The page: metrics by name, one without any sample as its TYPE line only. */
export function prometheusText(metrics: Iterable<Metric>): string {
  const byName = Array.from(metrics, (metric) => ({ name: prometheusName(metric.name), metric }));
  byName.sort((a, b) => (a.name < b.name ? -1 : 1));
  let text = '';
  for (const { name, metric } of byName) {
    text += `# TYPE ${name} ${metric.kind}\n`;
    for (const sample of metric.samples()) text += line(name, sample);
  }
  return text;
}

/** `/tensorflow/serving/request_count` → `:tensorflow:serving:request_count`. */
export function prometheusName(name: string): string {
  return name.replace(/^(?=\d)/, '_').replace(/[^a-zA-Z0-9_]/g, ':');
}

function line(name: string, { suffix, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, of]) => `${labelName(label)}="${labelValue(of)}"`);
  const number = suffix === '_sum' ? shortNumber(value) : String(value);
  return `${name}${suffix}{${pairs.join(',')}} ${number}\n`;
}

function labelName(label: string): string {
  return label.replace(/^(?=\d)/, '_').replace(/[^a-zA-Z0-9]/g, '_');
}

function labelValue(value: string | number): string {
  return typeof value === 'number' ? shortNumber(value) : prometheusLabelValue(value);
}

/** C's `%g`: six significant digits. */
function shortNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === 0) return '0';
  const [digits = '', exponent = ''] = value.toExponential(5).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    const sign = power < 0 ? '-' : '+';
    return `${trimmed(digits)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return trimmed(value.toFixed(5 - power));
}

function trimmed(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
