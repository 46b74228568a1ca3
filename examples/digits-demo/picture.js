/** Draws 8×8 digits in the terminal. */

const shades = [' ', '░', '▒', '▓', '█'];

/** A line of text per row of pixels, which are values from 0 to 16. */
export function picture(pixels) {
  return pixels.map((row) => row.map((value) => shades[Math.round(value / 4)].repeat(2)).join(''));
}

/** Joins pictures side by side, each with its caption on top. */
export function sideBySide(pictures, captions, width = 17) {
  const rows = [captions, ...pictures[0].map((_, i) => pictures.map((lines) => lines[i]))];
  return rows
    .map((row) =>
      row
        .map((text) => `  ${text.padEnd(width)}`)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
