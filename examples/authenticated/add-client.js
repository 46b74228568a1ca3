/** Adds a client to the list and prints its secret, which is kept nowhere: `node add-client.js FILE NAME RIGHT…`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hash } from './access.js';

const [file, name, ...may] = process.argv.slice(2);
const list = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const secret = randomBytes(24).toString('base64url');
list[name] = { sha256: hash(secret).toString('hex'), may };
writeFileSync(file, JSON.stringify(list, undefined, 2));
console.log(secret);
