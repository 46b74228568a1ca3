/** `pino()` fits as it is; this one needs no package. */
const write = (level) => (fields, message) => console.log(JSON.stringify({ level, message, ...fields }));

export const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
