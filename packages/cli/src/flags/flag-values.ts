/** The items between commas of a flag's value; empty ones are skipped. */
export function commaList(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}
