/** The anchor of a heading, by the rules of hosts of Git repositories, so that a link works there and in the site. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
