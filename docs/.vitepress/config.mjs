/** The pages of docs, the README files and what is beside them, as a site. `npx -y pnpm@12 docs:dev` shows it while pages are written. */
import { defineConfig } from 'vitepress';
import { sections } from './book.mjs';
import { anchorOf } from './heading-anchor.mjs';
import { writeLlmsTexts } from './llms-texts.mjs';
import { siteLinks, sitePath, writeLinkedSources } from './source-links.mjs';

const sidebar = sections.map(({ title, pages }) => ({
  text: title,
  items: pages.map((page) => ({ text: page.title, link: sitePath(`docs/${page.path}`) })),
}));

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 3h12v3H2zm0 4h12v3H2zm0 4h8v3H2z" fill="#3451b2"/></svg>`;

export default defineConfig({
  title: 'Serving',
  description: "An embeddable model-serving core for Node: TensorFlow Serving's design and wire APIs as packages",
  base: process.env.SITE_BASE ?? '/',
  srcDir: '..',
  srcExclude: [
    '**/{fixtures,findings,examples,web,proto,node_modules,dist}/**',
    'packages/{benchmarks,api-reference,test-doubles}/**',
  ],
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress',
  rewrites: (file) => (sitePath(file) === undefined ? file : `${sitePath(file).slice(1) || 'index'}.md`),
  head: [
    ['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }],
    ['style', {}, '@media(min-width:1280px){.VPDoc.has-aside .content-container{max-width:840px!important}}'],
  ],
  markdown: { config: siteLinks, anchor: { slugify: anchorOf } },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
    nav: [
      { text: 'Guides', link: sidebar[0].items[0].link },
      { text: 'Reference', link: sidebar.at(-1).items[0].link },
      { text: 'Architecture', link: '/architecture' },
      { text: 'Changes', link: '/changelog' },
    ],
  },
  buildEnd: ({ outDir }) => {
    writeLinkedSources(outDir);
    writeLlmsTexts(outDir);
  },
});
