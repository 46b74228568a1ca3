/** The shape that an operation requires of a tensor; another one would end the process. */

/** Holds for a shape of any rank between two, with sizes that are large enough. */
export interface ShapeRequirement {
  readonly minRank: number;
  /** `Infinity`: no limit. */
  readonly maxRank: number;
  /** The smallest size of each dimension; only where the rank is one, and sizes matter. */
  readonly minSizes?: readonly number[];
  /** Whether no dimension may be 0. */
  readonly isNonEmpty?: boolean;
}

/** Any shape. */
export const ANY_SHAPE: ShapeRequirement = { minRank: 0, maxRank: Number.POSITIVE_INFINITY };

/** Exactly this rank, with sizes of at least these. */
export function ofRank(rank: number, minSizes?: readonly number[]): ShapeRequirement {
  return { minRank: rank, maxRank: rank, ...(minSizes?.some((size) => size > 0) && { minSizes }) };
}

/** Both. Of two that contradict each other either is used: they are for different runs, or one is misread. */
export function both(a: ShapeRequirement, b: ShapeRequirement): ShapeRequirement {
  const minRank = Math.max(a.minRank, b.minRank);
  const maxRank = Math.min(a.maxRank, b.maxRank);
  if (contradict(a, b)) {
    return { minRank: Math.min(a.minRank, b.minRank), maxRank: Math.max(a.maxRank, b.maxRank) };
  }
  const minSizes = minRank === maxRank ? largest(a.minSizes, b.minSizes, minRank) : undefined;
  const isNonEmpty = a.isNonEmpty || b.isNonEmpty;
  return { minRank, maxRank, ...(minSizes && { minSizes }), ...(isNonEmpty && { isNonEmpty }) };
}

/** Whether no shape meets both. */
export function contradict(a: ShapeRequirement, b: ShapeRequirement): boolean {
  return Math.max(a.minRank, b.minRank) > Math.min(a.maxRank, b.maxRank);
}

/** Whether a shape is as required. */
export function isMet(requirement: ShapeRequirement, shape: readonly number[]): boolean {
  const { minRank, maxRank, minSizes, isNonEmpty } = requirement;
  if (shape.length < minRank || shape.length > maxRank) return false;
  if (minSizes !== undefined) {
    for (let i = 0; i < minSizes.length; i++) if (shape[i]! < minSizes[i]!) return false;
  }
  return !isNonEmpty || !shape.includes(0);
}

/** `[?,≥3,≥3,?]`, or what there is to say where no one rank is asked for. */
export function formatRequirement({ minRank, maxRank, minSizes, isNonEmpty }: ShapeRequirement): string {
  const suffix = isNonEmpty ? ' without a dimension of 0' : '';
  if (minRank === maxRank) {
    const sizes = Array.from({ length: minRank }, (_, i) => ((minSizes?.[i] ?? 0) > 0 ? `≥${minSizes![i]}` : '?'));
    return `[${sizes}]${suffix}`;
  }
  if (maxRank === Number.POSITIVE_INFINITY) {
    return minRank > 0 ? `at least ${minRank} dimensions${suffix}` : `a shape${suffix}`;
  }
  return `${minRank} to ${maxRank} dimensions${suffix}`;
}

function largest(
  a: readonly number[] | undefined,
  b: readonly number[] | undefined,
  rank: number,
): readonly number[] | undefined {
  if (a === undefined || a.length !== rank) return b?.length === rank ? b : undefined;
  if (b === undefined || b.length !== rank) return a;
  return a.map((size, i) => Math.max(size, b[i]!));
}
