/** The URL of the module with which several threads can serve the models of a platform. */
import { builtModuleUrl } from '@serving/core/internal';

/** `threadSupport` of a platform whose engines are called through koffi. */
export const threadSupport: string = builtModuleUrl('./thread-support.js', import.meta.url);
