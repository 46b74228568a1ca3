/** @type {import('@serving/http/adapter').CreateHttpExtension} */
export function createHttpExtension(server, { path }) {
  return {
    paths: [path],
    match: (method, target) => (method === 'GET' && target === path ? {} : undefined),
    handle() {
      const models = server.modelNames.map((name) => {
        const available = server.getModelStatus({ model: name }).filter(({ state }) => state === 'AVAILABLE');
        return { name, versions: available.map(({ version }) => String(version)) };
      });
      const body = Buffer.from(JSON.stringify({ models }));
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json', 'Content-Length': String(body.length) },
        body,
      };
    },
  };
}
