/** Draws an 8×8 digit in the terminal, two rows of pixels per line. */

const shades = [' ', '░', '▒', '▓', '█'];

/** One line of text per two rows; the darker of the two counts. `pixels` are rows of values from 0 to 16. */
export function picture(pixels) {
  const lines = [];
  for (let y = 0; y < pixels.length; y += 2) {
    const line = pixels[y].map((value, x) => {
      const ink = Math.max(value, pixels[y + 1]?.[x] ?? 0);
      return shades[Math.round((ink / 16) * (shades.length - 1))].repeat(2);
    });
    lines.push(line.join(''));
  }
  return lines;
}

/** Joins pictures side by side, each with its caption on top. */
export function sideBySide(pictures, captions, width = 22) {
  const rows = [captions, ...pictures[0].map((_, i) => pictures.map((lines) => lines[i]))];
  return rows.map((row) => row.map((text) => `  ${text.padEnd(width)}`).join('').trimEnd()).join('\n');
}
