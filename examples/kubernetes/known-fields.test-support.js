/** Kubernetes refuses fields that it does not know; the validators of `kubernetes-models` ignore them. */

/**
 * Validates an object with a class of `kubernetes-models`. Throws for wrong values, and for fields below the first level that the class has not checked, since it
 * knows none of that name.
 */
export function validateStrictly(Model, object) {
  const unread = new Map();
  const model = new Model(object);
  // In place of the copies that the constructor has made.
  for (const [name, value] of Object.entries(object)) model[name] = recording(value, name, unread);
  model.validate();
  const unknown = [...unread].flatMap(([path, names]) => [...names].map((name) => `${path}.${name}`));
  if (unknown.length > 0) throw new Error(`unknown fields: ${unknown.join(', ')}`);
}

/** The object, whose fields are taken out of `unread` when they are read. */
function recording(value, path, unread) {
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  if (!isList) unread.set(path, new Set(Object.keys(value)));
  const children = new Map(
    Object.entries(value).map(([name, child]) => [name, recording(child, `${path}.${name}`, unread)]),
  );
  return new Proxy(value, {
    get(target, name, receiver) {
      if (!children.has(name)) return Reflect.get(target, name, receiver);
      if (!isList) unread.get(path).delete(name);
      return children.get(name);
    },
  });
}
