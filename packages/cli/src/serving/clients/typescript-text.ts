/** Names from a model as TypeScript: any text has to come out as valid code. */

/** A name for types of the model: `half_plus_two` → `HalfPlusTwo`. */
export function pascalCase(name: string): string {
  const words = name.split(/[^\p{ID_Continue}]+|_+/u).filter((word) => word !== '');
  const text = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return /^\p{ID_Start}/u.test(text) ? text : `Model${text}`;
}

/** A property of a type. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A property of an object literal; `__proto__: x` would be no property. */
export function literalKey(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : propertyName(name);
}

/** Text inside of a block comment. */
export function commentText(text: string): string {
  return text.replaceAll('*/', '*\\/').replace(/[\r\n\u2028\u2029]+/g, ' ');
}
