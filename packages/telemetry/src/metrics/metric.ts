/** Counters, gauges and histograms with labels, as TensorFlow's monitoring has them. */

/** One number of a metric. */
export interface Sample {
  /** After the metric's name: `_bucket`, `_sum`, `_count` for histograms. */
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  /** Values by label, in the metric's order, `le` last. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What every kind has; a snapshot is taken by reading `samples`. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** TensorFlow's form: `/tensorflow/serving/request_count`. */
  readonly name: string;
  readonly help: string;
  /** What several processes make of their values together. */
  readonly aggregator: 'sum' | 'max';
  /** Its numbers as they are now, cell by cell. */
  samples(): Sample[];
  /** Resets every count. */
  reset(): void;
}

/** Name, meaning and labels of a metric. */
export interface MetricDefinition<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** Values for a metric's labels, in their order. */
type Values = readonly string[];

class Cells<Cell> {
  readonly #labels: readonly string[];
  readonly #cells = new Map<string, { readonly values: Values; readonly cell: Cell }>();
  readonly #make: () => Cell;

  constructor(labels: readonly string[], make: () => Cell) {
    this.#labels = labels;
    this.#make = make;
  }

  get(values: Values): Cell {
    const key = values.length === 1 ? values[0]! : values.join('\0');
    let entry = this.#cells.get(key);
    if (entry === undefined) {
      entry = { values, cell: this.#make() };
      this.#cells.set(key, entry);
    }
    return entry.cell;
  }

  clear(): void {
    this.#cells.clear();
  }

  *[Symbol.iterator](): Generator<[Record<string, string>, Cell]> {
    for (const { values, cell } of this.#cells.values()) {
      yield [Object.fromEntries(this.#labels.map((label, i) => [label, values[i] ?? ''])), cell];
    }
  }
}

/** Only goes up. */
export class Counter<Label extends string = string> implements Metric {
  readonly kind = 'counter';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #cells: Cells<{ value: number }>;

  constructor({ name, help, labels }: MetricDefinition<Label>) {
    this.name = name;
    this.help = help;
    this.#cells = new Cells(labels, () => ({ value: 0 }));
  }

  add(amount: number, ...values: string[]): void {
    this.#cells.get(values).value += amount;
  }

  samples(): Sample[] {
    return Array.from(this.#cells, ([labels, { value }]) => ({ suffix: '', labels, value }));
  }

  reset(): void {
    this.#cells.clear();
  }
}

/** Read from its source at each scrape: there is nothing to remove. */
export class Gauge<Label extends string = string> implements Metric {
  readonly kind = 'gauge';
  readonly aggregator: 'sum' | 'max';
  readonly name: string;
  readonly help: string;
  readonly #labels: readonly Label[];
  readonly #read: () => Iterable<readonly [values: Values, value: number]>;

  constructor(
    { name, help, labels }: MetricDefinition<Label>,
    read: () => Iterable<readonly [values: Values, value: number]>,
    aggregator: 'sum' | 'max' = 'max',
  ) {
    this.aggregator = aggregator;
    this.name = name;
    this.help = help;
    this.#labels = labels;
    this.#read = read;
  }

  samples(): Sample[] {
    return Array.from(this.#read(), ([values, value]) => ({
      suffix: '',
      labels: Object.fromEntries(this.#labels.map((label, i) => [label, values[i] ?? ''])),
      value,
    }));
  }

  reset(): void {}
}

/** How often values fell between limits; a value that equals a limit belongs above it. */
export class Histogram<Label extends string = string> implements Metric {
  readonly kind = 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #limits: readonly number[];
  readonly #cells: Cells<HistogramCell>;

  /** @param limits ascending; one more bucket is above the last. */
  constructor({ name, help, labels }: MetricDefinition<Label>, limits: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#limits = limits;
    this.#cells = new Cells(labels, () => ({ counts: new Float64Array(limits.length + 1), sum: 0 }));
  }

  record(value: number, ...values: string[]): void {
    const cell = this.#cells.get(values);
    cell.counts[bucketOf(this.#limits, value)]! += 1;
    cell.sum += value;
  }

  samples(): Sample[] {
    return Array.from(this.#cells, ([labels, cell]) => this.#samplesOf(labels, cell)).flat();
  }

  reset(): void {
    this.#cells.clear();
  }

  #samplesOf(labels: Record<string, string>, { counts, sum }: HistogramCell): Sample[] {
    let cumulative = 0;
    const buckets = Array.from(counts, (count, i): Sample => {
      cumulative += count;
      const le = this.#limits[i] ?? Number.POSITIVE_INFINITY;
      return { suffix: '_bucket', labels: { ...labels, le }, value: cumulative };
    });
    return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: cumulative }];
  }
}

interface HistogramCell {
  readonly counts: Float64Array;
  sum: number;
}

/** TensorFlow's `Buckets::Exponential`. */
export function exponentialLimits(scale: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => scale * factor ** i);
}

function bucketOf(limits: readonly number[], value: number): number {
  let low = 0;
  let high = limits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < limits[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
