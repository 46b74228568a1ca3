/** Which of several forms an answer is to have (`Accept`, RFC 9110). */

/**
 * The form that the header prefers; of equally good ones the first. The first, too, where nothing fits: an answer in the
 * request's own form is better than none.
 */
export function acceptedFormat<Format extends { readonly contentType: string }>(
  accept: string | undefined,
  formats: readonly [own: Format, ...others: Format[]],
): Format {
  if (accept === undefined || accept === '*/*') return formats[0];
  const qualities = parseAccept(accept);
  let best = formats[0];
  let bestQuality = 0;
  for (const format of formats) {
    const quality = qualityOf(format.contentType, qualities);
    if (quality > bestQuality) {
      best = format;
      bestQuality = quality;
    }
  }
  return best;
}

/** By media range, in lower case. */
function parseAccept(accept: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const part of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    qualities.set(range, weight === undefined ? 1 : Number(weight) || 0);
  }
  return qualities;
}

/** The most specific range decides. */
function qualityOf(contentType: string, qualities: ReadonlyMap<string, number>): number {
  const anySubtype = `${contentType.slice(0, contentType.indexOf('/'))}/*`;
  return qualities.get(contentType) ?? qualities.get(anySubtype) ?? qualities.get('*/*') ?? 0;
}
