/**
 * OpenAPI 3.1 documents from signatures: {@link openApiDocument} makes one. A mounted `servingConsole()` answers with those of its server.
 *
 * @module @serving/console/openapi
 */
export type { Dimension, InputExample, SignatureInfo, SignatureTensor } from './api/console-api.js';
export { signatureTensor } from './models/version-signatures.js';
export type { DescribedModel } from './openapi/described-model.js';
export type { JsonSchema } from './openapi/json-schema.js';
export { type OpenApiDocument, type OpenApiDocumentOptions, openApiDocument } from './openapi/openapi-document.js';
