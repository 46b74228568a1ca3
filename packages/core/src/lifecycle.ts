/**
 * TensorFlow Serving's lifecycle in parts, for applications that compose a server of their own: sources, routers and adapters that emit
 * aspired versions, managers that load them, and the monitor of their states.
 *
 * @module @serving/core/lifecycle
 */

export type { LoaderHarnessState, LoaderHarnessStateKind } from './loader/loader-harness.js';
export type {
  AspiredServableStateSnapshot,
  AspiredVersionPolicy,
  ServableAction,
} from './manager/aspired-version-policy.js';
export { AspiredVersionsManager, type AspiredVersionsManagerOptions } from './manager/aspired-versions-manager.js';
export { BasicManager, type BasicManagerOptions, type ManagedServable } from './manager/basic-manager.js';
export { CachingManager, type CachingManagerOptions } from './manager/caching-manager.js';
export { type LoaderFactory, pathPrefixLoaderFactory } from './manager/loader-factory.js';
export type { Manager } from './manager/manager.js';
export { type ResourceHolder, type ResourceShortage, ResourceTracker } from './resources/resource-tracker.js';
export type { ServableData } from './servable/servable-data.js';
export { formatServableId } from './servable/servable-id.js';
export { formatServableRequest, type ServableRequest } from './servable/servable-request.js';
export type { ManagerState } from './servable/servable-state.js';
export {
  type ServableStateAndTime,
  ServableStateMonitor,
  type ServableStateMonitorOptions,
  type WaitOptions,
  type WaitResult,
} from './servable/servable-state-monitor.js';
export {
  FileSystemStoragePathSource,
  type FileSystemStoragePathSourceOptions,
  type MonitoredServable,
  type PollOutcome,
} from './source/file-system-storage-path-source.js';
export { type AspiredVersionsCallback, connectSourceToTarget, type Source, type Target } from './source/source.js';
export { type SourceAdapter, UnarySourceAdapter } from './source/source-adapter.js';
export { DROP_PORT, SourceRouter } from './source/source-router.js';
