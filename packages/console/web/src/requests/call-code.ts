/** A request as a command or program that sends it. Each runs as it is, without packages. */
import { base64Of } from '../tensors/base64.js';
import type { HttpCall } from './predict-call.js';

export const LANGUAGES = { curl: 'curl', typescript: 'TypeScript', python: 'Python' } as const;
export type Language = keyof typeof LANGUAGES;

/** The text for a request to the absolute address `url`. */
export function codeOf(language: Language, url: string, call: HttpCall): string {
  return { curl: curlOf, typescript: typeScriptOf, python: pythonOf }[language](url, call);
}

function curlOf(url: string, { headers, body }: HttpCall): string {
  const head = [
    `curl --silent --show-error --fail-with-body ${shellQuoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `  --header ${shellQuoted(`${name}: ${value}`)}`),
  ];
  if (typeof body === 'string') return [...head, `  --data-binary ${shellQuoted(body)}`].join(' \\\n');
  const output =
    headers['Serving-Output'] === undefined && !headers['Inference-Header-Content-Length']
      ? []
      : ['  --output answer.bin'];
  return [
    `echo ${base64Of(body)} | base64 --decode | ${head[0]}`,
    ...head.slice(1),
    ...output,
    '  --data-binary @-',
  ].join(' \\\n');
}

function shellQuoted(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function typeScriptOf(url: string, { form, headers, body }: HttpCall): string {
  const isRaw = form === 'raw' && headers['Serving-Output'] !== undefined;
  return [
    `const response = await fetch(${quoted(url)}, {`,
    "  method: 'POST',",
    `  headers: { ${Object.entries(headers)
      .map(([name, value]) => `${quoted(name)}: ${quoted(value)}`)
      .join(', ')} },`,
    typeof body === 'string'
      ? `  body: ${quoted(body)},`
      : `  body: Uint8Array.from(atob('${base64Of(body)}'), (character) => character.charCodeAt(0)),`,
    '});',
    'if (!response.ok) throw new Error(await response.text());',
    ...(isRaw
      ? [
          "console.log(response.headers.get('serving-dtype'), response.headers.get('serving-shape'));",
          'console.log(await response.arrayBuffer());',
        ]
      : form === 'v2binary'
        ? [
            "const length = Number(response.headers.get('inference-header-content-length'));",
            'const bytes = await response.arrayBuffer();',
            'console.log(new TextDecoder().decode(bytes.slice(0, length)));',
            'console.log(bytes.slice(length)); // the tensors, one behind the other',
          ]
        : ['console.log(await response.text());']),
    '',
  ].join('\n');
}

/** A string of JavaScript and of Python: both have all escapes of JSON. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function pythonOf(url: string, { form, headers, body }: HttpCall): string {
  const isBinary = typeof body !== 'string';
  const isRaw = form === 'raw' && headers['Serving-Output'] !== undefined;
  return [
    ...(isBinary ? ['import base64'] : []),
    'import urllib.request',
    '',
    'request = urllib.request.Request(',
    `    ${quoted(url)},`,
    `    headers={${Object.entries(headers)
      .map(([name, value]) => `${quoted(name)}: ${quoted(value)}`)
      .join(', ')}},`,
    isBinary ? `    data=base64.b64decode('${base64Of(body)}'),` : `    data=${quoted(body)}.encode(),`,
    ')',
    'with urllib.request.urlopen(request) as response:',
    ...(isRaw
      ? ["    print(response.headers['Serving-Dtype'], response.headers['Serving-Shape'], response.read())"]
      : form === 'v2binary'
        ? [
            "    length = int(response.headers['Inference-Header-Content-Length'])",
            '    print(response.read(length).decode())',
            '    print(response.read())  # the tensors, one behind the other',
          ]
        : ['    print(response.read().decode())']),
    '',
  ].join('\n');
}
