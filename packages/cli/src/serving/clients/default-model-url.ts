/** Where a model is on a server of this machine with TensorFlow Serving's usual REST port. */
export function defaultModelUrl(name: string): string {
  return `http://localhost:8501/v1/models/${encodeURIComponent(name)}`;
}
