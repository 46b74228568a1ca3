/** Whether one configuration is better than another, by what they did in the same rounds. */

/** Ratios of the rounds, in which more is better. */
export interface Comparison {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** Whether the difference is larger than the noise: by 5 % in the median, and above 1 in six rounds of seven. */
  readonly isBetter: boolean;
}

const MIN_GAIN = 1.05;
/** Of the rounds. */
const MIN_WINS = 0.85;

/** Compares scores round by round; both lists have one for each round. */
export function compareRounds(own: readonly number[], other: readonly number[]): Comparison {
  const ratios = own.map((score, round) => score / other[round]!).sort((a, b) => a - b);
  const middle = ratios.length >> 1;
  const median = ratios.length % 2 === 1 ? ratios[middle]! : (ratios[middle - 1]! + ratios[middle]!) / 2;
  const wins = ratios.filter((ratio) => ratio > 1).length;
  return {
    median,
    lowest: ratios[0]!,
    highest: ratios.at(-1)!,
    isBetter: median >= MIN_GAIN && wins >= MIN_WINS * ratios.length,
  };
}
